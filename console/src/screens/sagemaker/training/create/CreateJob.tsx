import {
  CreateTrainingJobCommand,
  type CreateTrainingJobRequest,
  DescribeTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "react-router";
import { to } from "../../../../app/links";
import { RoleSelect } from "../../../../blocks/fields/RoleSelect";
import { CountField, type Form, PairsField, RowsField, TextField } from "../../../../blocks/request/fields";
import { at, nextName, put, type Request } from "../../../../blocks/request/put";
import { RequestPage } from "../../../../blocks/request/RequestPage";
import { useLive } from "../../../../live/useLive";
import { sagemaker } from "../../client";
import { tagsOf } from "../../tags";
import { BLANK, isReady, likeOf, MEMBERS } from "./request";

const MODES = ["File", "FastFile", "Pipe"].map((value) => ({ value }));
const CHANNEL: Request = {
  ChannelName: "training",
  DataSource: {
    S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://", S3DataDistributionType: "FullyReplicated" },
  },
};

async function read(name: string | null): Promise<Request> {
  if (name === null) return put(BLANK, ["TrainingJobName"], nextName("train", new Date()));
  const job = await sagemaker().send(new DescribeTrainingJobCommand({ TrainingJobName: name }));
  return likeOf(job, await tagsOf(job.TrainingJobArn), new Date());
}

/** Makes a training job, from nothing or like one that was. */
export default function CreateJob() {
  const [search] = useSearchParams();
  const like = search.get("like");
  const first = useLive(["sagemaker", "newJob", like], () => read(like));
  return (
    <RequestPage
      key={like}
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Training jobs", to: "/sagemaker/training-jobs" },
        { text: "Create" },
      ]}
      title={like ? `A training job like ${like}` : "Create a training job"}
      first={first}
      members={MEMBERS}
      ready={isReady}
      submit={(request) =>
        sagemaker().send(new CreateTrainingJobCommand(request as unknown as CreateTrainingJobRequest))
      }
      made={(request) => to("sagemaker", "training-jobs", String(request.TrainingJobName))}
      back="/sagemaker/training-jobs"
      form={(form) => <JobForm form={form} />}
    />
  );
}

function JobForm({ form }: { form: Form }) {
  const { request, change } = form;
  const mode = at<string>(request, ["AlgorithmSpecification", "TrainingInputMode"]);
  const spot = at<boolean>(request, ["EnableManagedSpotTraining"]) ?? false;
  const groups = at(request, ["ResourceConfig", "InstanceGroups"]) !== undefined;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Job</Header>}>
        <SpaceBetween size="m">
          <TextField form={form} label="Name" path={["TrainingJobName"]} />
          <RoleSelect
            service="sagemaker.amazonaws.com"
            value={at<string>(request, ["RoleArn"]) ?? ""}
            onChange={(arn) => change(put(request, ["RoleArn"], arn))}
            hint="What its code may do."
          />
          <TextField form={form} label="Image" path={["AlgorithmSpecification", "TrainingImage"]} />
          <PairsField
            form={form}
            label="Hyperparameters"
            path={["HyperParameters"]}
            add="Add a hyperparameter"
          />
          <PairsField form={form} label="Environment" path={["Environment"]} add="Add a variable" />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Data</Header>}>
        <SpaceBetween size="m">
          <FormField label="Input mode">
            <Select
              selectedOption={mode ? { value: mode } : null}
              options={MODES}
              onChange={({ detail }) =>
                change(
                  put(request, ["AlgorithmSpecification", "TrainingInputMode"], detail.selectedOption.value),
                )
              }
            />
          </FormField>
          <RowsField
            form={form}
            label="Channels"
            path={["InputDataConfig"]}
            add="Add a channel"
            fresh={CHANNEL}
            columns={[
              { label: "Name", path: ["ChannelName"] },
              { label: "S3 address", path: ["DataSource", "S3DataSource", "S3Uri"] },
              { label: "Content type", path: ["ContentType"] },
            ]}
          />
          <TextField
            form={form}
            label="Output"
            path={["OutputDataConfig", "S3OutputPath"]}
            placeholder="s3://…"
          />
          <TextField
            form={form}
            label="Checkpoints"
            path={["CheckpointConfig", "S3Uri"]}
            placeholder="s3://…"
          />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Instances</Header>}>
        <SpaceBetween size="m">
          {groups ? (
            "Its instances are in groups: they are in the whole request, below."
          ) : (
            <ColumnLayout columns={3}>
              <TextField form={form} label="Type" path={["ResourceConfig", "InstanceType"]} />
              <CountField form={form} label="Number" path={["ResourceConfig", "InstanceCount"]} />
              <CountField form={form} label="Volume, GB" path={["ResourceConfig", "VolumeSizeInGB"]} />
            </ColumnLayout>
          )}
          <ColumnLayout columns={3}>
            <CountField
              form={form}
              label="Longest run, s"
              path={["StoppingCondition", "MaxRuntimeInSeconds"]}
            />
            {spot && (
              <CountField
                form={form}
                label="Longest wait and run, s"
                path={["StoppingCondition", "MaxWaitTimeInSeconds"]}
              />
            )}
          </ColumnLayout>
          <Checkbox
            checked={spot}
            onChange={({ detail }) => change(put(request, ["EnableManagedSpotTraining"], detail.checked))}
          >
            Managed spot training
          </Checkbox>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">What its log is read for</Header>}>
        <RowsField
          form={form}
          label="Metric definitions"
          path={["AlgorithmSpecification", "MetricDefinitions"]}
          add="Add a metric"
          fresh={{ Name: "loss", Regex: "loss=([0-9.]+)" }}
          columns={[
            { label: "Name", path: ["Name"] },
            { label: "Regular expression", path: ["Regex"] },
          ]}
        />
      </Container>
    </SpaceBetween>
  );
}
