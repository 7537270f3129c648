import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { FormModal } from "../../../blocks/modals/FormModal";
import { DocumentEditor } from "../documents/DocumentEditor";
import { faultsOf } from "../documents/document";
import { EXAMPLE } from "../documents/examples";
import { type Principal, writeInline } from "./principal";

interface Props {
  of: Principal;
  /** Names of those that it has: IAM would put the new one in their place. */
  taken: string[];
  onClose: () => void;
}

/** Writes a policy into a role or a user. */
export function InlineModal({ of, taken, onClose }: Props) {
  const [name, setName] = useState("");
  const [text, setText] = useState(EXAMPLE);
  const isTaken = taken.includes(name);
  return (
    <FormModal
      title={`A policy of ${of.name}`}
      verb="Save"
      ready={name !== "" && !isTaken && faultsOf(text, "identity").length === 0}
      submit={() => writeInline(of, name, text)}
      onClose={onClose}
    >
      <FormField label="Name" errorText={isTaken ? "It has one of this name: edit that one." : undefined}>
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <DocumentEditor kind="identity" value={text} onChange={setText} label="Policy" height={240} />
    </FormModal>
  );
}
