import { CreatePolicyCommand } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useRef, useState } from "react";
import { FormModal } from "../../../blocks/modals/FormModal";
import { iam } from "../client";
import { DocumentEditor } from "../documents/DocumentEditor";
import { faultsOf } from "../documents/document";
import { EXAMPLE } from "../documents/examples";

/** Makes a policy; what was made is told by its ARN. */
export function CreatePolicy({ onClose }: { onClose: (arn: string | undefined) => void }) {
  const [name, setName] = useState("");
  const [text, setText] = useState(EXAMPLE);
  const made = useRef<string>(undefined);
  const create = async () => {
    const { Policy } = await iam().send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: text }));
    made.current = Policy?.Arn;
  };
  return (
    <FormModal
      title="Create policy"
      verb="Create"
      ready={name !== "" && faultsOf(text, "identity").length === 0}
      submit={create}
      onClose={(done) => onClose(done ? made.current : undefined)}
    >
      <FormField label="Name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <DocumentEditor kind="identity" value={text} onChange={setText} label="Policy" height={240} />
    </FormModal>
  );
}
