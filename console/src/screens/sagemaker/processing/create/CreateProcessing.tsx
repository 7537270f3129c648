import {
  CreateProcessingJobCommand,
  type CreateProcessingJobRequest,
  DescribeProcessingJobCommand,
} from "@aws-sdk/client-sagemaker";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "react-router";
import { to } from "../../../../app/links";
import { RoleSelect } from "../../../../blocks/fields/RoleSelect";
import { CountField, type Form, PairsField, RowsField, TextField } from "../../../../blocks/request/fields";
import { at, nextName, put, type Request } from "../../../../blocks/request/put";
import { RequestPage } from "../../../../blocks/request/RequestPage";
import { WordsField } from "../../../../blocks/request/WordsField";
import { useLive } from "../../../../live/useLive";
import { sagemaker } from "../../client";
import { tagsOf } from "../../tags";
import { BLANK, CLUSTER, inputAt, isReady, likeOf, MEMBERS, OUTPUT, OUTPUTS } from "./request";

async function read(name: string | null): Promise<Request> {
  if (name === null) return put(BLANK, ["ProcessingJobName"], nextName("process", new Date()));
  const job = await sagemaker().send(new DescribeProcessingJobCommand({ ProcessingJobName: name }));
  return likeOf(job, await tagsOf(job.ProcessingJobArn), new Date());
}

/** Makes a processing job, from nothing or like one that was. */
export default function CreateProcessing() {
  const [search] = useSearchParams();
  const like = search.get("like");
  const first = useLive(["sagemaker", "newProcessingJob", like], () => read(like));
  return (
    <RequestPage
      key={like}
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Processing jobs", to: "/sagemaker/processing-jobs" },
        { text: "Create" },
      ]}
      title={like ? `A processing job like ${like}` : "Create a processing job"}
      first={first}
      members={MEMBERS}
      ready={isReady}
      submit={(request) =>
        sagemaker().send(new CreateProcessingJobCommand(request as unknown as CreateProcessingJobRequest))
      }
      made={(request) => to("sagemaker", "processing-jobs", String(request.ProcessingJobName))}
      back="/sagemaker/processing-jobs"
      form={(form) => <ProcessingForm form={form} />}
    />
  );
}

function ProcessingForm({ form }: { form: Form }) {
  const { request, change } = form;
  const isolation = ["NetworkConfig", "EnableNetworkIsolation"];
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Job</Header>}>
        <SpaceBetween size="m">
          <TextField form={form} label="Name" path={["ProcessingJobName"]} />
          <RoleSelect
            service="sagemaker.amazonaws.com"
            value={at<string>(request, ["RoleArn"]) ?? ""}
            onChange={(arn) => change(put(request, ["RoleArn"], arn))}
            hint="What its code may do."
          />
          <TextField form={form} label="Image" path={["AppSpecification", "ImageUri"]} />
          <WordsField
            form={form}
            label="Command"
            path={["AppSpecification", "ContainerEntrypoint"]}
            add="Add a word"
            hint="Word by word; no shell reads it."
          />
          <WordsField
            form={form}
            label="Arguments"
            path={["AppSpecification", "ContainerArguments"]}
            add="Add an argument"
          />
          <PairsField form={form} label="Environment" path={["Environment"]} add="Add a variable" />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Data</Header>}>
        <SpaceBetween size="m">
          <RowsField
            form={form}
            label="Inputs"
            path={["ProcessingInputs"]}
            add="Add an input"
            fresh={inputAt("input", "/opt/ml/processing/input")}
            columns={[
              { label: "Name", path: ["InputName"] },
              { label: "S3 address", path: ["S3Input", "S3Uri"] },
              { label: "Folder", path: ["S3Input", "LocalPath"] },
            ]}
          />
          <RowsField
            form={form}
            label="Outputs"
            path={OUTPUTS}
            add="Add an output"
            fresh={OUTPUT}
            columns={[
              { label: "Name", path: ["OutputName"] },
              { label: "Folder", path: ["S3Output", "LocalPath"] },
              { label: "S3 address", path: ["S3Output", "S3Uri"] },
            ]}
          />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Instances</Header>}>
        <SpaceBetween size="m">
          <ColumnLayout columns={4}>
            <TextField form={form} label="Type" path={[...CLUSTER, "InstanceType"]} />
            <CountField form={form} label="Number" path={[...CLUSTER, "InstanceCount"]} />
            <CountField form={form} label="Volume, GB" path={[...CLUSTER, "VolumeSizeInGB"]} />
            <CountField
              form={form}
              label="Longest run, s"
              path={["StoppingCondition", "MaxRuntimeInSeconds"]}
            />
          </ColumnLayout>
          <Checkbox
            checked={at<boolean>(request, isolation) ?? false}
            onChange={({ detail }) => change(put(request, isolation, detail.checked || undefined))}
          >
            Network isolation
          </Checkbox>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
