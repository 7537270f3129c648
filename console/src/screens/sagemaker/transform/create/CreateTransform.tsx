import {
  CreateTransformJobCommand,
  type CreateTransformJobRequest,
  DescribeTransformJobCommand,
} from "@aws-sdk/client-sagemaker";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "react-router";
import { to } from "../../../../app/links";
import { ChoiceField } from "../../../../blocks/request/ChoiceField";
import { CountField, type Form, PairsField, TextField } from "../../../../blocks/request/fields";
import type { Request } from "../../../../blocks/request/put";
import { RequestPage } from "../../../../blocks/request/RequestPage";
import { useLive } from "../../../../live/useLive";
import { sagemaker } from "../../client";
import { tagsOf } from "../../tags";
import { ModelField } from "./ModelField";
import { blankOf, INPUT, isReady, likeOf, MEMBERS, OUTPUT } from "./request";

async function read(name: string | null, model: string | null): Promise<Request> {
  if (name === null) return blankOf(model, new Date());
  const job = await sagemaker().send(new DescribeTransformJobCommand({ TransformJobName: name }));
  return likeOf(job, await tagsOf(job.TransformJobArn), new Date());
}

/** Makes a transform job: from nothing, of a model, or like one that was. */
export default function CreateTransform() {
  const [search] = useSearchParams();
  const [like, model] = [search.get("like"), search.get("model")];
  const first = useLive(["sagemaker", "newTransformJob", like, model], () => read(like, model));
  return (
    <RequestPage
      key={`${like} ${model}`}
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Transform jobs", to: "/sagemaker/transform-jobs" },
        { text: "Create" },
      ]}
      title={like ? `A transform job like ${like}` : "Create a transform job"}
      description="A model is asked for each record of the objects under a prefix; the answers of each object are one object."
      first={first}
      members={MEMBERS}
      ready={isReady}
      submit={(request) =>
        sagemaker().send(new CreateTransformJobCommand(request as unknown as CreateTransformJobRequest))
      }
      made={(request) => to("sagemaker", "transform-jobs", String(request.TransformJobName))}
      back="/sagemaker/transform-jobs"
      form={(form) => <TransformForm form={form} />}
    />
  );
}

function TransformForm({ form }: { form: Form }) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Job</Header>}>
        <SpaceBetween size="m">
          <TextField form={form} label="Name" path={["TransformJobName"]} />
          <ModelField form={form} />
          <ColumnLayout columns={2}>
            <TextField form={form} label="Instance type" path={["TransformResources", "InstanceType"]} />
            <CountField form={form} label="Instances" path={["TransformResources", "InstanceCount"]} />
          </ColumnLayout>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">Data</Header>}>
        <SpaceBetween size="m">
          <ColumnLayout columns={2}>
            <TextField form={form} label="Input" path={INPUT} placeholder="s3://…" />
            <TextField form={form} label="Output" path={OUTPUT} placeholder="s3://…" />
            <TextField form={form} label="Content type" path={["TransformInput", "ContentType"]} />
            <TextField form={form} label="Accept" path={["TransformOutput", "Accept"]} />
            <ChoiceField
              form={form}
              label="Cut into records by"
              path={["TransformInput", "SplitType"]}
              values={["None", "Line", "RecordIO", "TFRecord"]}
              unset="Nothing: an object is a record"
            />
            <ChoiceField
              form={form}
              label="Answers are put together by"
              path={["TransformOutput", "AssembleWith"]}
              values={["None", "Line"]}
              unset="Nothing: one after another"
            />
            <ChoiceField
              form={form}
              label="Compression"
              path={["TransformInput", "CompressionType"]}
              values={["None", "Gzip"]}
              unset="None, where it is not said"
            />
          </ColumnLayout>
          <ColumnLayout columns={3}>
            <TextField
              form={form}
              label="The model sees"
              path={["DataProcessing", "InputFilter"]}
              placeholder="$"
              hint="JSONPath: $[1:] leaves the first column out."
            />
            <ChoiceField
              form={form}
              label="Beside the answers"
              path={["DataProcessing", "JoinSource"]}
              values={["None", "Input"]}
              unset="Nothing"
            />
            <TextField
              form={form}
              label="The output has"
              path={["DataProcessing", "OutputFilter"]}
              placeholder="$"
              hint="JSONPath, of the answers and what is beside them."
            />
          </ColumnLayout>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">How the model is asked</Header>}>
        <SpaceBetween size="m">
          <ColumnLayout columns={3}>
            <ChoiceField
              form={form}
              label="Records a request"
              path={["BatchStrategy"]}
              values={["MultiRecord", "SingleRecord"]}
              unset="As the container proposes"
            />
            <CountField form={form} label="Requests at a time" path={["MaxConcurrentTransforms"]} />
            <CountField form={form} label="Largest payload, MB" path={["MaxPayloadInMB"]} />
            <CountField
              form={form}
              label="Waits for an answer, s"
              path={["ModelClientConfig", "InvocationsTimeoutInSeconds"]}
            />
            <CountField
              form={form}
              label="Further tries"
              path={["ModelClientConfig", "InvocationsMaxRetries"]}
            />
          </ColumnLayout>
          <PairsField form={form} label="Environment" path={["Environment"]} add="Add a variable" />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
