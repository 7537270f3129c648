import { CreateMlflowTrackingServerCommand } from "@aws-sdk/client-sagemaker";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { RoleSelect } from "../../../blocks/fields/RoleSelect";
import { FormModal } from "../../../blocks/modals/FormModal";
import { sagemaker } from "../client";

/** Asks for name, bucket and role of a new tracking server. */
export function CreateTrackingServer({ onClose }: { onClose: (made: boolean) => void }) {
  const [name, setName] = useState("");
  const [artifacts, setArtifacts] = useState("s3://");
  const [role, setRole] = useState("");
  const [registers, setRegisters] = useState(false);
  const create = () =>
    sagemaker().send(
      new CreateMlflowTrackingServerCommand({
        TrackingServerName: name,
        ArtifactStoreUri: artifacts,
        RoleArn: role,
        AutomaticModelRegistration: registers,
      }),
    );
  return (
    <FormModal
      title="Create MLflow tracking server"
      verb="Create"
      ready={name !== "" && artifacts.length > "s3://".length && role !== ""}
      submit={create}
      onClose={onClose}
    >
      <FormField label="Name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <FormField label="Artifacts" description="Where in S3 files and models of runs are stored.">
        <Input value={artifacts} onChange={({ detail }) => setArtifacts(detail.value)} spellcheck={false} />
      </FormField>
      <RoleSelect
        service="sagemaker.amazonaws.com"
        value={role}
        onChange={setRole}
        hint="With its rights the server reads artifacts."
      />
      <Checkbox checked={registers} onChange={({ detail }) => setRegisters(detail.checked)}>
        Register models that MLflow registers in SageMaker, too
      </Checkbox>
    </FormModal>
  );
}
