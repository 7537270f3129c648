import FormField from "@cloudscape-design/components/form-field";
import { useState } from "react";
import { Editor } from "../../../blocks/fields/Editor";
import { FormModal } from "../../../blocks/modals/FormModal";

interface Props {
  body: string;
  save: (body: string) => Promise<unknown>;
  onClose: () => void;
}

/** The dashboard's JSON; what is wrong with it AWS says, with the place of each fault. */
export function SourceModal({ body, save, onClose }: Props) {
  const [text, setText] = useState(body);
  return (
    <FormModal title="Source" verb="Save" size="max" ready submit={() => save(text)} onClose={onClose}>
      <FormField stretch>
        <Editor value={text} language="json" onChange={setText} label="The dashboard's JSON" height={480} />
      </FormField>
    </FormModal>
  );
}
