import { CreateModelCommand, DeleteModelCommand } from "@aws-sdk/client-sagemaker";
import { useState } from "react";
import { RoleSelect } from "../../../blocks/fields/RoleSelect";
import { TextField } from "../../../blocks/fields/TextField";
import { FormModal } from "../../../blocks/modals/FormModal";
import { sagemaker } from "../client";
import { DeployModal } from "../models/DeployModal";

interface Props {
  /** Of the version. */
  arn: string;
  /** The endpoint that is being made; nothing when somebody thought better of it. */
  onClose: (endpoint: string | undefined) => void;
}

/** `birds-3`: what the version's model is called at first. */
const modelNameOf = (arn: string) => arn.split("/").slice(1).join("-");

/** Makes a version serve: a model of it, then what the model's own page does. */
export function DeployVersion({ arn, onClose }: Props) {
  const [name, setName] = useState(() => modelNameOf(arn));
  const [role, setRole] = useState("");
  const [made, setMade] = useState(false);
  if (made)
    return (
      <DeployModal
        model={name}
        onClose={(endpoint) => {
          // Nobody wanted the model for itself.
          if (!endpoint) void sagemaker().send(new DeleteModelCommand({ ModelName: name }));
          onClose(endpoint);
        }}
      />
    );
  return (
    <FormModal
      title="Make a model of this version"
      verb="Next"
      ready={name !== "" && role !== ""}
      submit={() =>
        sagemaker().send(
          new CreateModelCommand({
            ModelName: name,
            ExecutionRoleArn: role,
            PrimaryContainer: { ModelPackageName: arn },
          }),
        )
      }
      onClose={(done) => (done ? setMade(true) : onClose(undefined))}
    >
      <TextField label="Model" value={name} onChange={setName} first />
      <RoleSelect
        service="sagemaker.amazonaws.com"
        value={role}
        onChange={setRole}
        hint="Reads the artifacts; the container runs as it."
      />
    </FormModal>
  );
}
