import { ModifyVolumeCommand, type Volume } from "@aws-sdk/client-ec2";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { FormModal } from "../../../blocks/modals/FormModal";
import { ec2 } from "../client";
import { changesOf, idOf, KINDS } from "./volume";

const PROVISIONED = ["gp3", "io1", "io2"];

/** Makes a volume larger, or another kind. */
export function ModifyVolume({ volume, onClose }: { volume: Volume; onClose: (done: boolean) => void }) {
  const [size, setSize] = useState(String(volume.Size ?? ""));
  const [kind, setKind] = useState<string>(volume.VolumeType ?? "gp3");
  const [iops, setIops] = useState(String(volume.Iops ?? ""));
  const provisioned = PROVISIONED.includes(kind);
  const changes = changesOf(volume, { size, kind, iops: provisioned ? iops : "" });
  return (
    <FormModal
      title={`Modify ${idOf(volume)}`}
      verb="Modify"
      ready={Object.keys(changes).length > 0}
      submit={() => ec2().send(new ModifyVolumeCommand({ VolumeId: idOf(volume), ...changes }))}
      onClose={onClose}
    >
      <FormField label="Size in GiB" constraintText="A volume grows, with its file system; it never shrinks.">
        <Input type="number" value={size} onChange={({ detail }) => setSize(detail.value)} autoFocus />
      </FormField>
      <FormField label="Type" description="What it costs follows it; it is no faster here.">
        <Select
          selectedOption={{ value: kind }}
          options={KINDS.map((value) => ({ value }))}
          onChange={({ detail }) => setKind(detail.selectedOption.value ?? kind)}
        />
      </FormField>
      {provisioned && (
        <FormField label="IOPS" description="Paid for, as on AWS; without effect here.">
          <Input type="number" value={iops} onChange={({ detail }) => setIops(detail.value)} />
        </FormField>
      )}
    </FormModal>
  );
}
