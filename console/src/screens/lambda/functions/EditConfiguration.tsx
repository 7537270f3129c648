import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { FormModal } from "../../../blocks/FormModal";
import { areCounts } from "../../../blocks/numbers";

export interface Changes {
  Handler: string;
  MemorySize: number;
  Timeout: number;
  Environment: { Variables: Record<string, string> };
}

interface Props {
  one: FunctionConfiguration;
  save: (changes: Changes) => Promise<unknown>;
  onClose: () => void;
}

/** Changes handler, memory, timeout and variables. */
export function EditConfiguration({ one, save, onClose }: Props) {
  const [handler, setHandler] = useState(one.Handler ?? "");
  const [memory, setMemory] = useState(String(one.MemorySize ?? 128));
  const [timeout, setTimeout] = useState(String(one.Timeout ?? 3));
  const [variables, setVariables] = useState(
    Object.entries(one.Environment?.Variables ?? {}).map(([name, value], id) => ({ id, name, value })),
  );
  const change = (index: number, member: "name" | "value", text: string) =>
    setVariables(
      variables.map((variable, place) => (place === index ? { ...variable, [member]: text } : variable)),
    );
  const submit = () =>
    save({
      Handler: handler,
      MemorySize: Number(memory),
      Timeout: Number(timeout),
      Environment: {
        Variables: Object.fromEntries(
          variables.filter(({ name }) => name).map(({ name, value }) => [name, value]),
        ),
      },
    });
  return (
    <FormModal
      title="Settings"
      verb="Save"
      ready={areCounts(memory, timeout)}
      submit={submit}
      onClose={onClose}
    >
      <FormField label="Handler">
        <Input value={handler} onChange={({ detail }) => setHandler(detail.value)} spellcheck={false} />
      </FormField>
      <ColumnLayout columns={2}>
        <FormField label="Memory (MB)">
          <Input type="number" value={memory} onChange={({ detail }) => setMemory(detail.value)} />
        </FormField>
        <FormField label="Timeout (s)">
          <Input type="number" value={timeout} onChange={({ detail }) => setTimeout(detail.value)} />
        </FormField>
      </ColumnLayout>
      <AttributeEditor
        items={variables}
        addButtonText="Add a variable"
        removeButtonText="Remove"
        empty="No variables."
        onAddButtonClick={() => setVariables([...variables, { id: Date.now(), name: "", value: "" }])}
        onRemoveButtonClick={({ detail }) =>
          setVariables(variables.filter((_, place) => place !== detail.itemIndex))
        }
        definition={[
          {
            label: "Variable",
            control: (item, index) => (
              <Input
                value={item.name}
                onChange={({ detail }) => change(index, "name", detail.value)}
                spellcheck={false}
              />
            ),
          },
          {
            label: "Value",
            control: (item, index) => (
              <Input
                value={item.value}
                onChange={({ detail }) => change(index, "value", detail.value)}
                spellcheck={false}
              />
            ),
          },
        ]}
      />
    </FormModal>
  );
}
