import { CreateModelCommand, type CreateModelInput, DescribeModelCommand } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "react-router";
import { to } from "../../../../app/links";
import { RoleSelect } from "../../../../blocks/fields/RoleSelect";
import { type Form, PairsField, TextField } from "../../../../blocks/request/fields";
import { at, nextName, pick, put, type Request } from "../../../../blocks/request/put";
import { RequestPage } from "../../../../blocks/request/RequestPage";
import { useLive } from "../../../../live/useLive";
import { sagemaker } from "../../client";
import { tagsOf } from "../../tags";

/** All members of CreateModel. Documented: SageMaker API Reference. */
const MEMBERS = [
  "ModelName",
  "PrimaryContainer",
  "Containers",
  "InferenceExecutionConfig",
  "ExecutionRoleArn",
  "Tags",
  "VpcConfig",
  "EnableNetworkIsolation",
];

const BLANK: Request = {
  PrimaryContainer: {
    Image:
      "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312-ubuntu22.04-sagemaker",
  },
};

async function read(name: string | null): Promise<Request> {
  if (name === null) return put(BLANK, ["ModelName"], nextName("model", new Date()));
  const model = await sagemaker().send(new DescribeModelCommand({ ModelName: name }));
  const request = put(pick(model, MEMBERS), ["Tags"], await tagsOf(model.ModelArn));
  return put(request, ["ModelName"], nextName(name, new Date()));
}

const isReady = (request: Request) =>
  at(request, ["ModelName"]) !== undefined &&
  (at(request, ["PrimaryContainer", "Image"]) ??
    at(request, ["PrimaryContainer", "ModelPackageName"]) ??
    at(request, ["Containers"])) !== undefined;

/** Makes a model, from nothing or like another. */
export default function CreateModel() {
  const [search] = useSearchParams();
  const like = search.get("like");
  const first = useLive(["sagemaker", "newModel", like], () => read(like));
  return (
    <RequestPage
      key={like}
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Models", to: "/sagemaker/models" },
        { text: "Create" },
      ]}
      title={like ? `A model like ${like}` : "Create a model"}
      first={first}
      members={MEMBERS}
      ready={isReady}
      submit={(request) => sagemaker().send(new CreateModelCommand(request as unknown as CreateModelInput))}
      made={(request) => to("sagemaker", "models", String(request.ModelName))}
      back="/sagemaker/models"
      form={(form) => <ModelForm form={form} />}
    />
  );
}

function ModelForm({ form }: { form: Form }) {
  const { request, change } = form;
  const several = at(request, ["Containers"]) !== undefined;
  return (
    <Container>
      <SpaceBetween size="m">
        <TextField form={form} label="Name" path={["ModelName"]} />
        <RoleSelect
          service="sagemaker.amazonaws.com"
          value={at<string>(request, ["ExecutionRoleArn"]) ?? ""}
          onChange={(arn) => change(put(request, ["ExecutionRoleArn"], arn))}
          hint="What its instances may do: read its artifacts, to begin with."
        />
        {several ? (
          "It has several containers: they are in the whole request, below."
        ) : (
          <SpaceBetween size="m">
            <TextField form={form} label="Image" path={["PrimaryContainer", "Image"]} />
            <TextField
              form={form}
              label="Artifacts"
              path={["PrimaryContainer", "ModelDataUrl"]}
              placeholder="s3://…/model.tar.gz"
            />
            <PairsField
              form={form}
              label="Environment"
              path={["PrimaryContainer", "Environment"]}
              add="Add a variable"
            />
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Container>
  );
}
