import { PutIntegrationCommand, UpdateIntegrationCommand } from "@aws-sdk/client-api-gateway";
import { useState } from "react";
import { Choice } from "../../../../blocks/fields/Choice";
import { Pairs, type Rows } from "../../../../blocks/fields/Pairs";
import { TextField } from "../../../../blocks/fields/TextField";
import { areNumbers } from "../../../../blocks/formats/numbers";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { currentSession } from "../../../../session/session";
import { gateway } from "../../client";
import { FunctionSelect } from "../../FunctionSelect";
import { letCall } from "../../letting";
import { mapOf } from "../../patches";
import { invocationsOf, sourceArn } from "../arns";
import type { BoxForm } from "../place";
import {
  functionArnIn,
  integrationOf,
  integrationPatches,
  isPatched,
  KINDS,
  type Wish,
  wishOf,
} from "./integration";

const VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"];
const OTHERS = {
  WHEN_NO_MATCH: "passed on, where no template is for them",
  WHEN_NO_TEMPLATES: "passed on, where there is no template at all",
  NEVER: "refused with 415",
};
const HANDLINGS = {
  "": "as they are",
  CONVERT_TO_TEXT: "binary ones become base64",
  CONVERT_TO_BINARY: "base64 becomes binary",
};
const options = (of: Record<string, string>) =>
  Object.entries(of).map(([value, label]) => ({ value, label }));

/** The second box: who is asked, and with what. */
export function IntegrationRequest({ of, resource, method, onClose }: BoxForm) {
  const before = method.methodIntegration;
  const [wish, setWish] = useState<Wish>(wishOf(before));
  const [parameters, setParameters] = useState<Rows>(Object.entries(before?.requestParameters ?? {}));
  const [templates, setTemplates] = useState<Rows>(
    Object.entries(before?.requestTemplates ?? {}).map(([kind, text]) => [kind, text ?? ""]),
  );
  const change = (part: Partial<Wish>) => setWish((now) => ({ ...now, ...part }));
  const proxy = wish.type.endsWith("_PROXY");
  const called = functionArnIn(wish.uri);
  const save = async () => {
    const whole = { ...wish, requestParameters: mapOf(parameters), requestTemplates: mapOf(templates) };
    if (before && isPatched(before, whole)) {
      const patchOperations = integrationPatches(before, whole);
      if (patchOperations.length > 0)
        await gateway().send(new UpdateIntegrationCommand({ ...of, patchOperations }));
    } else await gateway().send(new PutIntegrationCommand({ ...of, ...integrationOf(whole) }));
    // With a role of its own the API needs nobody's permission.
    if (called && !wish.credentials && called !== functionArnIn(before?.uri)) {
      const { region, account } = currentSession();
      await letCall(called, sourceArn(region, account, of.restApiId, of.httpMethod, resource.path ?? "/"));
    }
  };
  return (
    <FormModal
      title="Integration request"
      verb="Save"
      size="large"
      ready={areNumbers(wish.timeoutInMillis) && (wish.type === "MOCK" || wish.uri !== "")}
      submit={save}
      onClose={onClose}
    >
      <Choice
        label="Who answers"
        value={wish.type}
        options={options(KINDS)}
        onChange={(type) => change({ type, ...(type === "AWS_PROXY" ? { httpMethod: "POST" } : {}) })}
      />
      {(wish.type === "AWS_PROXY" || wish.type === "AWS") && (
        <FunctionSelect
          value={called}
          onChange={(arn) => change({ uri: invocationsOf(currentSession().region, arn), httpMethod: "POST" })}
          description="The API gets the permission to call it, for this method alone."
        />
      )}
      {(wish.type === "AWS" || wish.type.startsWith("HTTP")) && (
        <TextField
          label={wish.type === "AWS" ? "Or the URI of another service" : "Address"}
          value={wish.uri}
          onChange={(uri) => change({ uri })}
          placeholder={
            wish.type === "AWS"
              ? "arn:aws:apigateway:us-east-1:runtime.sagemaker:path//endpoints/NAME/invocations"
              : "https://example.com/images/{name}"
          }
        />
      )}
      {wish.type !== "MOCK" && wish.type !== "AWS_PROXY" && (
        <Choice
          label="Verb"
          value={wish.httpMethod}
          options={VERBS.map((value) => ({ value }))}
          onChange={(httpMethod) => change({ httpMethod })}
        />
      )}
      {wish.type.startsWith("AWS") && (
        <TextField
          label="Role"
          hint="Whom the API is when it asks: an ARN. Empty for a function that lets the API call it."
          value={wish.credentials}
          onChange={(credentials) => change({ credentials })}
        />
      )}
      {!proxy && (
        <>
          <Choice
            label="Bodies of other content types"
            value={wish.passthroughBehavior}
            options={options(OTHERS)}
            onChange={(passthroughBehavior) => change({ passthroughBehavior })}
          />
          <Pairs
            label="Mapping templates"
            description="VTL, by the content type of what comes."
            columns={["Content type", "Template"]}
            rows={templates}
            first=""
            long
            onChange={setTemplates}
            placeholders={["application/json", '{"image": $input.json("$.image")}']}
          />
        </>
      )}
      <Choice
        label="Bodies are sent"
        value={wish.contentHandling}
        options={options(HANDLINGS)}
        onChange={(contentHandling) => change({ contentHandling })}
      />
      {wish.type !== "AWS_PROXY" && wish.type !== "MOCK" && (
        <Pairs
          label="Parameters"
          columns={["Name", "Of"]}
          rows={parameters}
          first=""
          onChange={setParameters}
          placeholders={["integration.request.header.X", "method.request.querystring.k"]}
        />
      )}
      <TextField
        label="Timeout in milliseconds"
        number
        value={wish.timeoutInMillis}
        onChange={(timeoutInMillis) => change({ timeoutInMillis })}
      />
    </FormModal>
  );
}
