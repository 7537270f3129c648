import { CreateAuthorizerCommand, DeleteAuthorizerCommand } from "@aws-sdk/client-api-gateway";
import { useState } from "react";
import { orUndo } from "../../../aws/undo";
import { Choice } from "../../../blocks/fields/Choice";
import { TextField } from "../../../blocks/fields/TextField";
import { areNumbers } from "../../../blocks/formats/numbers";
import { FormModal } from "../../../blocks/modals/FormModal";
import { currentSession } from "../../../session/session";
import { gateway } from "../client";
import { FunctionSelect } from "../FunctionSelect";
import { letCall } from "../letting";
import { authorizerArn, invocationsOf } from "../methods/arns";

const TYPES = [
  { value: "TOKEN", label: "A token in a header" },
  { value: "REQUEST", label: "The whole request, but for its body" },
];

/** Makes a function decide who may call, and lets the API ask it. */
export function CreateAuthorizer({ api, onClose }: { api: string; onClose: (done: boolean) => void }) {
  const [name, setName] = useState("");
  const [type, setType] = useState("TOKEN");
  const [target, setTarget] = useState("");
  const [source, setSource] = useState("method.request.header.Authorization");
  const [pattern, setPattern] = useState("");
  const [ttl, setTtl] = useState("300");
  const create = async () => {
    const { region, account } = currentSession();
    const { id = "" } = await gateway().send(
      new CreateAuthorizerCommand({
        restApiId: api,
        name,
        type: type as never,
        authorizerUri: invocationsOf(region, target),
        identitySource: source,
        authorizerResultTtlInSeconds: Number(ttl),
        ...(pattern && type === "TOKEN" ? { identityValidationExpression: pattern } : {}),
      }),
    );
    await orUndo(
      () => letCall(target, authorizerArn(region, account, api, id)),
      () => gateway().send(new DeleteAuthorizerCommand({ restApiId: api, authorizerId: id })),
    );
  };
  return (
    <FormModal
      title="Create authorizer"
      verb="Create"
      ready={name !== "" && target !== "" && areNumbers(ttl)}
      submit={create}
      onClose={onClose}
    >
      <TextField label="Name" value={name} onChange={setName} first />
      <Choice label="What it is shown" value={type} options={TYPES} onChange={setType} />
      <FunctionSelect
        value={target}
        onChange={setTarget}
        description="It answers a policy; the API gets the permission to call it."
      />
      <TextField
        label={type === "TOKEN" ? "Where the token is" : "What has to be there"}
        hint={
          type === "TOKEN"
            ? "A request without is answered 401, and the function is not asked."
            : "Several with commas between; answers are remembered by their values."
        }
        value={source}
        onChange={setSource}
      />
      {type === "TOKEN" && (
        <TextField
          label="A pattern that tokens fit"
          hint="Empty for any. What does not fit is answered 401."
          value={pattern}
          onChange={setPattern}
          placeholder="^Bearer .+"
        />
      )}
      <TextField
        label="Seconds for which an answer is remembered"
        hint="0 for not at all; 3600 at most."
        number
        value={ttl}
        onChange={setTtl}
      />
    </FormModal>
  );
}
