import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { FormModal } from "../../../blocks/FormModal";
import { DocumentEditor } from "../documents/DocumentEditor";
import { faultsOf } from "../documents/document";
import { EXAMPLE } from "../documents/examples";
import { type Principal, writeInline } from "./principal";

/** Writes a policy into a role or a user. */
export function InlineModal({ of, onClose }: { of: Principal; onClose: () => void }) {
  const [name, setName] = useState("");
  const [text, setText] = useState(EXAMPLE);
  return (
    <FormModal
      title={`A policy of ${of.name}`}
      verb="Save"
      ready={name !== "" && faultsOf(text, "identity").length === 0}
      submit={() => writeInline(of, name, text)}
      onClose={onClose}
    >
      <FormField label="Name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <DocumentEditor kind="identity" value={text} onChange={setText} label="Policy" height={240} />
    </FormModal>
  );
}
