import {
  CreateEndpointConfigCommand,
  type CreateEndpointConfigInput,
  DescribeEndpointConfigCommand,
} from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "react-router";
import { to } from "../../../../app/links";
import { type Form, RowsField, TextField } from "../../../../blocks/request/fields";
import { at, nextName, pick, put, type Request } from "../../../../blocks/request/put";
import { RequestPage } from "../../../../blocks/request/RequestPage";
import { useLive } from "../../../../live/useLive";
import { sagemaker } from "../../client";
import { tagsOf } from "../../tags";
import { isReady, MEMBERS } from "./request";

const VARIANT: Request = {
  VariantName: "AllTraffic",
  InstanceType: "ml.m5.large",
  InitialInstanceCount: 1,
  InitialVariantWeight: 1,
};

async function read(name: string | null): Promise<Request> {
  if (name === null)
    return { EndpointConfigName: nextName("configuration", new Date()), ProductionVariants: [VARIANT] };
  const found = await sagemaker().send(new DescribeEndpointConfigCommand({ EndpointConfigName: name }));
  const request = put(pick(found, MEMBERS), ["Tags"], await tagsOf(found.EndpointConfigArn));
  return put(request, ["EndpointConfigName"], nextName(name, new Date()));
}

/** Makes an endpoint configuration, from nothing or like another. */
export default function CreateConfiguration() {
  const [search] = useSearchParams();
  const like = search.get("like");
  const first = useLive(["sagemaker", "newConfiguration", like], () => read(like));
  return (
    <RequestPage
      key={like}
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Endpoint configurations", to: "/sagemaker/endpoint-configurations" },
        { text: "Create" },
      ]}
      title={like ? `A configuration like ${like}` : "Create an endpoint configuration"}
      first={first}
      members={MEMBERS}
      ready={isReady}
      submit={(request) =>
        sagemaker().send(new CreateEndpointConfigCommand(request as unknown as CreateEndpointConfigInput))
      }
      made={(request) => to("sagemaker", "endpoint-configurations", String(request.EndpointConfigName))}
      back="/sagemaker/endpoint-configurations"
      form={(form) => <ConfigurationForm form={form} />}
    />
  );
}

function ConfigurationForm({ form }: { form: Form }) {
  const taken = (at<Request[]>(form.request, ["ProductionVariants"]) ?? []).length;
  return (
    <Container>
      <SpaceBetween size="m">
        <TextField form={form} label="Name" path={["EndpointConfigName"]} />
        <RowsField
          form={form}
          label="Variants"
          path={["ProductionVariants"]}
          add="Add a variant"
          fresh={taken === 0 ? VARIANT : { ...VARIANT, VariantName: `variant-${taken + 1}` }}
          columns={[
            { label: "Variant", path: ["VariantName"] },
            { label: "Model", path: ["ModelName"] },
            { label: "Instance type", path: ["InstanceType"] },
            { label: "Instances", path: ["InitialInstanceCount"], count: true },
            { label: "Weight", path: ["InitialVariantWeight"], count: true },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}
