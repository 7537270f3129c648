import { CreateSnapshotCommand } from "@aws-sdk/client-ec2";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { FormModal } from "../../../blocks/modals/FormModal";
import { ec2 } from "../client";
import { nameTag } from "../tags";

/** Copies what a volume has on it now. */
export function CreateSnapshot({ volume, onClose }: { volume: string; onClose: (done: boolean) => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const create = async () => {
    const made = await ec2().send(
      new CreateSnapshotCommand({
        VolumeId: volume,
        ...(description ? { Description: description } : {}),
        ...nameTag("snapshot", name),
      }),
    );
    notify.success(`${made.SnapshotId} is being made of ${volume}.`);
  };
  return (
    <FormModal title={`Create a snapshot of ${volume}`} verb="Create" ready submit={create} onClose={onClose}>
      <FormField label="Name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <FormField label="Description">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
    </FormModal>
  );
}
