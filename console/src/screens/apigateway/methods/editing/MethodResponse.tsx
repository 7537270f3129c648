import {
  type MethodResponse as Declared,
  DeleteMethodResponseCommand,
  PutMethodResponseCommand,
  paginateGetModels,
  UpdateMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { type ReactNode, useState } from "react";
import { notify } from "../../../../app/notices";
import { collect } from "../../../../aws/collect";
import { Pairs, type Rows } from "../../../../blocks/fields/Pairs";
import { TextField } from "../../../../blocks/fields/TextField";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { useLive } from "../../../../live/useLive";
import { gateway } from "../../client";
import { mapOf, mapPatches } from "../../patches";
import type { BoxForm } from "../place";
import { StatusChoice } from "./StatusChoice";

const PREFIX = "method.response.header.";

/** The fourth box: the statuses that a method answers, and the headers and bodies of each. */
export function MethodResponse({ of, method, onClose }: BoxForm) {
  const answers = method.methodResponses ?? {};
  const [chosen, setChosen] = useState(Object.keys(answers)[0] ?? "");
  const remove = async () => {
    try {
      await gateway().send(new DeleteMethodResponseCommand({ ...of, statusCode: chosen }));
      onClose(true);
    } catch (error) {
      notify.error(`Remove ${chosen}`, error);
    }
  };
  return (
    <StatusForm
      key={chosen}
      of={of}
      status={chosen}
      answer={answers[chosen] ?? {}}
      choice={
        <StatusChoice
          statuses={Object.keys(answers)}
          chosen={chosen}
          onChoose={setChosen}
          onRemove={() => void remove()}
        />
      }
      onClose={onClose}
    />
  );
}

interface StatusProps {
  of: BoxForm["of"];
  status: string;
  answer: Declared;
  choice: ReactNode;
  onClose: (done: boolean) => void;
}

function StatusForm({ of, status, answer, choice, onClose }: StatusProps) {
  const before = answer.responseParameters ?? {};
  const [code, setCode] = useState(status);
  const [headers, setHeaders] = useState<Rows<boolean>>(
    Object.entries(before).map(([name, required]) => [name.replace(PREFIX, ""), required]),
  );
  const [models, setModels] = useState<Rows>(Object.entries(answer.responseModels ?? {}));
  const known = useLive(["apigateway", `models ${of.restApiId}`], () =>
    collect(
      paginateGetModels({ client: gateway() }, { restApiId: of.restApiId, limit: 500 }),
      (page) => page.items,
    ),
  );
  const save = async () => {
    const responseParameters = Object.fromEntries(
      Object.entries(mapOf(headers)).map(([name, required]) => [PREFIX + name.replace(PREFIX, ""), required]),
    );
    const responseModels = mapOf(models);
    const place = { ...of, statusCode: code };
    if (!status) {
      await gateway().send(new PutMethodResponseCommand({ ...place, responseParameters, responseModels }));
      return;
    }
    const texts = (map: Record<string, boolean>) =>
      Object.fromEntries(Object.entries(map).map(([name, value]) => [name, String(value)]));
    const patchOperations = [
      ...mapPatches("/responseParameters", texts(before), texts(responseParameters)),
      ...mapPatches("/responseModels", answer.responseModels ?? {}, responseModels),
    ];
    if (patchOperations.length > 0)
      await gateway().send(new UpdateMethodResponseCommand({ ...place, patchOperations }));
  };
  return (
    <FormModal
      title="Method response"
      verb="Save"
      size="large"
      ready={/^\d{3}$/.test(code)}
      submit={save}
      onClose={onClose}
    >
      {choice}
      {!status && <TextField label="Status" value={code} onChange={setCode} placeholder="200" />}
      <Pairs
        label="Headers"
        description="Those that the integration response sets."
        columns={["Name", "Always there"]}
        rows={headers}
        first={false}
        onChange={setHeaders}
        placeholders={["Access-Control-Allow-Origin", ""]}
      />
      <Pairs
        label="Models"
        description="The shape of a body, by its content type, for generated clients."
        columns={["Content type", "Model"]}
        rows={models}
        first=""
        onChange={setModels}
        placeholders={["application/json", ""]}
        choices={(known.data ?? []).map(({ name = "" }) => name)}
      />
    </FormModal>
  );
}
