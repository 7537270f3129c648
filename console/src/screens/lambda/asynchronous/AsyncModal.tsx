import {
  type FunctionEventInvokeConfig,
  PutFunctionEventInvokeConfigCommand,
  paginateListFunctions,
} from "@aws-sdk/client-lambda";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { Choice } from "../../../blocks/fields/Choice";
import { TextField } from "../../../blocks/fields/TextField";
import { duration } from "../../../blocks/formats/amounts";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { lambda } from "../client";
import { useQualifiers } from "../versions/useQualifiers";
import { AGE, areSettings, inputOf, MOST_RETRIES, type Settings, settingsOf } from "./settings";

interface Props {
  name: string;
  config: FunctionEventInvokeConfig | undefined;
  onClose: (done: boolean) => void;
}

/** For how long an event is tried, how often, and who is told how it ended. */
export function AsyncModal({ name, config, onClose }: Props) {
  const [settings, setSettings] = useState<Settings>(() => settingsOf(config));
  const change = (part: Partial<Settings>) => setSettings((before) => ({ ...before, ...part }));
  const qualifiers = useQualifiers(name);
  const functions = useLive(["lambda", "functions"], () =>
    collect(paginateListFunctions({ client: lambda() }, {}), (page) => page.Functions),
  );
  const others = (functions.data ?? []).filter(({ FunctionName }) => FunctionName !== name);
  const destinations = [
    { value: "", label: "nobody" },
    ...others.map(({ FunctionArn = "", FunctionName = "" }) => ({ value: FunctionArn, label: FunctionName })),
  ];
  const told = (label: string, member: "success" | "failure", description: string) => (
    <Choice
      label={label}
      description={description}
      value={settings[member]}
      options={
        destinations.some(({ value }) => value === settings[member])
          ? destinations
          : [...destinations, { value: settings[member], label: settings[member] }]
      }
      onChange={(arn) => change({ [member]: arn })}
    />
  );
  return (
    <FormModal
      title={`Asynchronous calls of ${name}`}
      verb="Save"
      ready={areSettings(settings)}
      submit={() => lambda().send(new PutFunctionEventInvokeConfigCommand(inputOf(name, settings)))}
      onClose={onClose}
    >
      {!config && (
        <Choice
          label="Version or alias"
          value={settings.qualifier}
          options={["$LATEST", ...(qualifiers.data ?? [])].map((value) => ({ value }))}
          onChange={(qualifier) => change({ qualifier })}
        />
      )}
      <ColumnLayout columns={2}>
        <TextField
          label="An event is kept for, seconds"
          hint={`${AGE.least} to ${AGE.most}; ${duration(Number(settings.age) * 1000)}`}
          number
          value={settings.age}
          onChange={(age) => change({ age })}
        />
        <TextField
          label="Tried again after an error"
          hint={`0 to ${MOST_RETRIES} times; after one minute, then after two.`}
          number
          value={settings.retries}
          onChange={(retries) => change({ retries })}
        />
      </ColumnLayout>
      <Refused of={functions.refusal} />
      {told("Told when it succeeded", "success", "A function, which gets the event and the answer.")}
      {told("Told when it failed for good", "failure", "The function's role must be allowed to invoke it.")}
    </FormModal>
  );
}
