import { CreateImageCommand } from "@aws-sdk/client-ec2";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { FormModal } from "../../../blocks/modals/FormModal";
import { ec2 } from "../client";

/** Makes an image of all volumes of a machine. */
export function CreateImage({ machine, onClose }: { machine: string; onClose: (done: boolean) => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [reboots, setReboots] = useState(true);
  const create = async () => {
    const { ImageId } = await ec2().send(
      new CreateImageCommand({
        InstanceId: machine,
        Name: name,
        ...(description ? { Description: description } : {}),
        ...(reboots ? {} : { NoReboot: true }),
      }),
    );
    notify.success(`${ImageId} is being made of ${machine}: EC2, Images.`);
  };
  return (
    <FormModal
      title={`Create an image of ${machine}`}
      verb="Create"
      ready={name !== ""}
      submit={create}
      onClose={onClose}
    >
      <FormField label="Name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <FormField label="Description">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
      <Checkbox
        checked={reboots}
        onChange={({ detail }) => setReboots(detail.checked)}
        description="Without, it stands still while it is copied, and what programs have not written yet is not on it."
      >
        Reboot the machine
      </Checkbox>
    </FormModal>
  );
}
