import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { areCounts } from "../formats/numbers";
import { FormModal } from "./FormModal";

interface Props {
  title: string;
  label: string;
  hint?: string;
  /** The name is a count. */
  number?: boolean;
  /** What the button says. */
  verb?: string;
  create: (name: string) => Promise<unknown>;
  /** The name of what was made; nothing when somebody thought better of it. */
  onClose: (name: string | undefined) => void;
}

/** Makes something that needs nothing but a name. */
export function CreateModal({ title, label, hint, number = false, verb = "Create", create, onClose }: Props) {
  const [name, setName] = useState("");
  return (
    <FormModal
      title={title}
      verb={verb}
      ready={number ? areCounts(name) : name !== ""}
      submit={() => create(name)}
      onClose={(done) => onClose(done ? name : undefined)}
    >
      <FormField label={label} constraintText={hint}>
        <Input
          value={name}
          type={number ? "number" : "text"}
          onChange={({ detail }) => setName(detail.value)}
          autoFocus
          spellcheck={false}
        />
      </FormField>
    </FormModal>
  );
}
