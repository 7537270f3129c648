import {
  type APIGatewayClient,
  DeleteMethodCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  type Resource,
} from "@aws-sdk/client-api-gateway";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { orUndo } from "../../../aws/undo";
import { FormModal } from "../../../blocks/modals/FormModal";
import { currentSession } from "../../../session/session";
import { gateway } from "../client";
import { FunctionSelect } from "../FunctionSelect";
import { letCall } from "../letting";
import { verbsOf } from "../resources/tree";
import { invocationsOf, sourceArn } from "./arns";

const VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];
const KINDS = {
  AWS_PROXY: "A Lambda function has the whole request",
  HTTP_PROXY: "An HTTP address",
  MOCK: "Nobody: a fixed answer",
};
type Kind = keyof typeof KINDS;

interface Props {
  api: string;
  resource: Resource;
  onClose: (verb: string | undefined) => void;
}

/** Makes a method with its integration, and lets the API call the function. */
export function CreateMethod({ api, resource, onClose }: Props) {
  const free = VERBS.filter((one) => !verbsOf(resource).includes(one));
  const [verb, setVerb] = useState(free[0] ?? "");
  const [kind, setKind] = useState<Kind>("AWS_PROXY");
  const [target, setTarget] = useState("");
  const [signed, setSigned] = useState(false);
  const of = { restApiId: api, resourceId: resource.id, httpMethod: verb };

  const create = async () => {
    const client = gateway();
    await client.send(new PutMethodCommand({ ...of, authorizationType: signed ? "AWS_IAM" : "NONE" }));
    // Half a method would be in the way of the next try.
    await orUndo(
      () => integrate(client),
      () => client.send(new DeleteMethodCommand(of)),
    );
  };

  const integrate = async (client: APIGatewayClient) => {
    if (kind === "MOCK") {
      const requestTemplates = { "application/json": '{"statusCode": 200}' };
      await client.send(new PutIntegrationCommand({ ...of, type: kind, requestTemplates }));
      await client.send(new PutMethodResponseCommand({ ...of, statusCode: "200" }));
      await client.send(new PutIntegrationResponseCommand({ ...of, statusCode: "200" }));
      return;
    }
    const { region, account } = currentSession();
    const uri = kind === "AWS_PROXY" ? invocationsOf(region, target) : target;
    const integrationHttpMethod = kind === "AWS_PROXY" ? "POST" : verb;
    await client.send(new PutIntegrationCommand({ ...of, type: kind, integrationHttpMethod, uri }));
    if (kind === "AWS_PROXY")
      await letCall(target, sourceArn(region, account, api, verb, resource.path ?? "/"));
  };

  return (
    <FormModal
      title={`Create a method of ${resource.path}`}
      verb="Create"
      ready={verb !== "" && (kind === "MOCK" || target !== "")}
      submit={create}
      onClose={(done) => onClose(done ? verb : undefined)}
    >
      <FormField label="Verb">
        <Select
          selectedOption={verb ? { value: verb } : null}
          options={free.map((value) => ({ value }))}
          onChange={({ detail }) => setVerb(detail.selectedOption.value ?? verb)}
        />
      </FormField>
      <FormField label="Who answers">
        <Select
          selectedOption={{ value: kind, label: KINDS[kind] }}
          options={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          onChange={({ detail }) => {
            setKind((detail.selectedOption.value ?? kind) as Kind);
            setTarget("");
          }}
        />
      </FormField>
      {kind === "AWS_PROXY" && (
        <FunctionSelect
          value={target}
          onChange={setTarget}
          description="The API gets the permission to call it, for this method alone."
        />
      )}
      {kind === "HTTP_PROXY" && (
        <FormField label="Address">
          <Input
            value={target}
            onChange={({ detail }) => setTarget(detail.value)}
            placeholder="https://example.com/images"
            spellcheck={false}
          />
        </FormField>
      )}
      <Checkbox checked={signed} onChange={({ detail }) => setSigned(detail.checked)}>
        Requests must be signed (AWS_IAM)
      </Checkbox>
    </FormModal>
  );
}
