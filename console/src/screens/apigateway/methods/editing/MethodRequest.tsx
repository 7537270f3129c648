import {
  CreateRequestValidatorCommand,
  GetAuthorizersCommand,
  GetRequestValidatorsCommand,
  paginateGetModels,
  UpdateMethodCommand,
} from "@aws-sdk/client-api-gateway";
import Checkbox from "@cloudscape-design/components/checkbox";
import { useState } from "react";
import { collect } from "../../../../aws/collect";
import { Choice } from "../../../../blocks/fields/Choice";
import { Pairs, type Rows } from "../../../../blocks/fields/Pairs";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { useLive } from "../../../../live/useLive";
import { gateway } from "../../client";
import { mapOf, mapPatches, valuePatches } from "../../patches";
import type { BoxForm } from "../place";
import { PRESETS, parametersOf, readable } from "./parameters";

const NONE = { value: "", label: "None" };

/** The first box: who may call the method, and with what. */
export function MethodRequest({ of, method, onClose }: BoxForm) {
  const { restApiId } = of;
  const [who, setWho] = useState(method.authorizerId ?? method.authorizationType ?? "NONE");
  const [keyed, setKeyed] = useState(method.apiKeyRequired ?? false);
  const [validator, setValidator] = useState(method.requestValidatorId ?? "");
  const [parameters, setParameters] = useState<Rows<boolean>>(readable(method.requestParameters));
  const [models, setModels] = useState<Rows>(Object.entries(method.requestModels ?? {}));
  const choices = useLive(["apigateway", `choices ${restApiId}`], async () => {
    const client = gateway();
    const [authorizers, validators, known] = await Promise.all([
      client.send(new GetAuthorizersCommand({ restApiId, limit: 500 })),
      client.send(new GetRequestValidatorsCommand({ restApiId, limit: 500 })),
      collect(paginateGetModels({ client }, { restApiId, limit: 500 }), (page) => page.items),
    ]);
    return { authorizers: authorizers.items ?? [], validators: validators.items ?? [], models: known };
  });
  const { authorizers = [], validators = [], models: known = [] } = choices.data ?? {};
  const save = async () => {
    const preset = PRESETS[validator];
    const requestValidatorId = preset
      ? ((await gateway().send(new CreateRequestValidatorCommand({ restApiId, ...preset }))).id ?? "")
      : validator;
    const custom = authorizers.find(({ id }) => id === who);
    const patchOperations = [
      ...valuePatches(
        {
          "/authorizationType": method.authorizationType ?? "",
          "/authorizerId": method.authorizerId ?? "",
          "/apiKeyRequired": String(method.apiKeyRequired ?? false),
          "/requestValidatorId": method.requestValidatorId ?? "",
        },
        {
          "/authorizationType": custom ? "CUSTOM" : who,
          ...(custom ? { "/authorizerId": who } : {}),
          "/apiKeyRequired": String(keyed),
          "/requestValidatorId": requestValidatorId,
        },
      ),
      ...mapPatches(
        "/requestParameters",
        parametersOf(Object.entries(method.requestParameters ?? {})),
        parametersOf(parameters),
      ),
      ...mapPatches("/requestModels", method.requestModels ?? {}, mapOf(models)),
    ];
    if (patchOperations.length > 0) await gateway().send(new UpdateMethodCommand({ ...of, patchOperations }));
  };
  const presets = Object.keys(PRESETS).filter((name) => !validators.some((one) => one.name === name));
  return (
    <FormModal title="Method request" verb="Save" size="large" ready submit={save} onClose={onClose}>
      <Choice
        label="Authorization"
        value={who}
        options={[
          { value: "NONE", label: "None: everybody" },
          { value: "AWS_IAM", label: "IAM: requests are signed" },
          ...authorizers.map(({ id = "", name = "", type = "" }) => ({
            value: id,
            label: `${name}: an authorizer of this API`,
            description: type,
          })),
        ]}
        onChange={setWho}
      />
      <Checkbox checked={keyed} onChange={({ detail }) => setKeyed(detail.checked)}>
        An API key is required
      </Checkbox>
      <Choice
        label="Request validator"
        description="What it finds missing or wrong is answered 400, and reaches nobody behind the API."
        value={validator}
        options={[
          NONE,
          ...validators.map(({ id = "", name = "" }) => ({ value: id, label: name })),
          ...presets.map((name) => ({ value: name, label: name })),
        ]}
        onChange={setValidator}
      />
      <Pairs
        label="Request parameters"
        description="What a request brings, to be required or to be mapped."
        columns={["Name", "Required"]}
        rows={parameters}
        first={false}
        onChange={setParameters}
        placeholders={["querystring.k, header.X-Trace, path.name", ""]}
      />
      <Pairs
        label="Models"
        description="The shape of a body, by its content type."
        columns={["Content type", "Model"]}
        rows={models}
        first=""
        onChange={setModels}
        placeholders={["application/json", ""]}
        choices={known.map(({ name = "" }) => name)}
      />
    </FormModal>
  );
}
