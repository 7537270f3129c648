import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import { useState } from "react";
import { Pairs, type Rows } from "../../../blocks/fields/Pairs";
import { RoleSelect } from "../../../blocks/fields/RoleSelect";
import { TextField } from "../../../blocks/fields/TextField";
import { areCounts } from "../../../blocks/formats/numbers";
import { FormModal } from "../../../blocks/modals/FormModal";

export interface Changes {
  Description: string;
  Handler: string;
  Role: string;
  MemorySize: number;
  Timeout: number;
  EphemeralStorage: { Size: number };
  Environment: { Variables: Record<string, string> };
}

interface Props {
  one: FunctionConfiguration;
  save: (changes: Changes) => Promise<unknown>;
  onClose: () => void;
}

/** Changes what a function is set to. */
export function EditConfiguration({ one, save, onClose }: Props) {
  const [description, setDescription] = useState(one.Description ?? "");
  const [handler, setHandler] = useState(one.Handler ?? "");
  const [role, setRole] = useState(one.Role ?? "");
  const [memory, setMemory] = useState(String(one.MemorySize ?? 128));
  const [timeout, setTimeout] = useState(String(one.Timeout ?? 3));
  const [disk, setDisk] = useState(String(one.EphemeralStorage?.Size ?? 512));
  const [variables, setVariables] = useState<Rows>(Object.entries(one.Environment?.Variables ?? {}));
  const submit = () =>
    save({
      Description: description,
      Handler: handler,
      Role: role,
      MemorySize: Number(memory),
      Timeout: Number(timeout),
      EphemeralStorage: { Size: Number(disk) },
      Environment: { Variables: Object.fromEntries(variables.filter(([name]) => name)) },
    });
  return (
    <FormModal
      title="Settings"
      verb="Save"
      size="large"
      ready={areCounts(memory, timeout, disk)}
      submit={submit}
      onClose={onClose}
    >
      <ColumnLayout columns={2}>
        <TextField label="Handler" value={handler} onChange={setHandler} />
        <TextField label="Description" value={description} onChange={setDescription} />
      </ColumnLayout>
      <RoleSelect
        service="lambda.amazonaws.com"
        value={role}
        onChange={setRole}
        hint="Whose rights its code has."
      />
      <ColumnLayout columns={3}>
        <TextField
          label="Memory (MB)"
          hint="Processors follow it: one at 1,769."
          number
          value={memory}
          onChange={setMemory}
        />
        <TextField label="Timeout (s)" number value={timeout} onChange={setTimeout} />
        <TextField label="Disk at /tmp (MB)" number value={disk} onChange={setDisk} />
      </ColumnLayout>
      <Pairs
        label="Environment"
        columns={["Variable", "Value"]}
        rows={variables}
        first=""
        onChange={setVariables}
        placeholders={["ENDPOINT_NAME", "classifier"]}
      />
    </FormModal>
  );
}
