import { CreateNotebookInstanceCommand } from "@aws-sdk/client-sagemaker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { RoleSelect } from "../../../blocks/fields/RoleSelect";
import { FormModal } from "../../../blocks/modals/FormModal";
import { sagemaker } from "../client";

/** Asks for name, type and role of a new notebook instance. */
export function CreateNotebook({ onClose }: { onClose: (made: boolean) => void }) {
  const [name, setName] = useState("");
  const [type, setType] = useState("ml.t3.medium");
  const [role, setRole] = useState("");
  const create = () =>
    sagemaker().send(
      new CreateNotebookInstanceCommand({
        NotebookInstanceName: name,
        InstanceType: type as "ml.t3.medium", // any that SageMaker knows; it says which it does not
        RoleArn: role,
      }),
    );
  return (
    <FormModal
      title="Create notebook instance"
      verb="Create"
      ready={name !== "" && role !== ""}
      submit={create}
      onClose={onClose}
    >
      <FormField label="Name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <FormField label="Instance type">
        <Input value={type} onChange={({ detail }) => setType(detail.value)} spellcheck={false} />
      </FormField>
      <RoleSelect
        service="sagemaker.amazonaws.com"
        value={role}
        onChange={setRole}
        hint="What its notebooks may do."
      />
    </FormModal>
  );
}
