import {
  type IntegrationResponse as Answer,
  DeleteIntegrationResponseCommand,
  PutIntegrationResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { type ReactNode, useState } from "react";
import { notify } from "../../../../app/notices";
import { Choice } from "../../../../blocks/fields/Choice";
import { Pairs, type Rows } from "../../../../blocks/fields/Pairs";
import { TextField } from "../../../../blocks/fields/TextField";
import { FormModal } from "../../../../blocks/modals/FormModal";
import { gateway } from "../../client";
import { mapOf } from "../../patches";
import type { BoxForm } from "../place";
import { StatusChoice } from "./StatusChoice";

const HANDLINGS = [
  { value: "", label: "as they are" },
  { value: "CONVERT_TO_TEXT", label: "binary ones become base64" },
  { value: "CONVERT_TO_BINARY", label: "base64 becomes binary" },
];

/** The third box: what is made of an answer, for each status that the method may answer. */
export function IntegrationResponse({ of, method, onClose }: BoxForm) {
  const answers = method.methodIntegration?.integrationResponses ?? {};
  const [chosen, setChosen] = useState(Object.keys(answers)[0] ?? "");
  const remove = async () => {
    try {
      await gateway().send(new DeleteIntegrationResponseCommand({ ...of, statusCode: chosen }));
      onClose(true);
    } catch (error) {
      notify.error(`Remove ${chosen}`, error);
    }
  };
  return (
    <AnswerForm
      key={chosen}
      of={of}
      status={chosen}
      answer={answers[chosen] ?? {}}
      declared={Object.keys(method.methodResponses ?? {})}
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

interface AnswerProps {
  of: BoxForm["of"];
  status: string;
  answer: Answer;
  /** Statuses of the fourth box: others AWS does not take. */
  declared: string[];
  choice: ReactNode;
  onClose: (done: boolean) => void;
}

function AnswerForm({ of, status, answer, declared, choice, onClose }: AnswerProps) {
  const [code, setCode] = useState(status || (declared[0] ?? "200"));
  const [pattern, setPattern] = useState(answer.selectionPattern ?? "");
  const [handling, setHandling] = useState<string>(answer.contentHandling ?? "");
  const [parameters, setParameters] = useState<Rows>(Object.entries(answer.responseParameters ?? {}));
  const [templates, setTemplates] = useState<Rows>(
    Object.entries(answer.responseTemplates ?? {}).map(([kind, text]) => [kind, text ?? ""]),
  );
  const save = () =>
    gateway().send(
      new PutIntegrationResponseCommand({
        ...of,
        statusCode: code,
        responseParameters: mapOf(parameters),
        responseTemplates: mapOf(templates),
        ...(pattern ? { selectionPattern: pattern } : {}),
        ...(handling ? { contentHandling: handling as never } : {}),
      }),
    );
  return (
    <FormModal
      title="Integration response"
      verb="Save"
      size="large"
      ready={/^\d{3}$/.test(code)}
      submit={save}
      onClose={onClose}
    >
      {choice}
      {!status && (
        <Choice
          label="Status"
          description="Of those that the method response has."
          value={code}
          options={declared.map((value) => ({ value }))}
          onChange={setCode}
        />
      )}
      <TextField
        label="Where"
        hint="A pattern of the function's error, or of the status that came: 5\d\d. Empty for all else."
        value={pattern}
        onChange={setPattern}
      />
      <Pairs
        label="Headers"
        description="A text stands in quotes: '*'."
        columns={["Name", "Of"]}
        rows={parameters}
        first=""
        onChange={setParameters}
        placeholders={["method.response.header.X", "integration.response.header.X"]}
      />
      <Pairs
        label="Mapping templates"
        columns={["Content type", "Template"]}
        rows={templates}
        first=""
        long
        onChange={setTemplates}
        placeholders={["application/json", '$input.json("$")']}
      />
      <Choice label="Bodies are answered" value={handling} options={HANDLINGS} onChange={setHandling} />
    </FormModal>
  );
}
