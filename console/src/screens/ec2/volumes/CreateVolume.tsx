import { CreateVolumeCommand, DescribeAvailabilityZonesCommand, type Snapshot } from "@aws-sdk/client-ec2";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { areNumbers } from "../../../blocks/formats/numbers";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";
import { nameTag } from "../tags";
import { KINDS } from "./volume";

interface Props {
  /** What it begins with; empty where none is named. */
  snapshot?: Snapshot;
  onClose: (done: boolean) => void;
}

/** Makes a volume, empty or of a snapshot. */
export function CreateVolume({ snapshot, onClose }: Props) {
  const least = snapshot?.VolumeSize;
  const [name, setName] = useState("");
  const [size, setSize] = useState(String(least ?? 8));
  const [kind, setKind] = useState("gp3");
  const [zone, setZone] = useState("");
  const zones = useLive(["ec2", "zones"], async () => {
    const { AvailabilityZones } = await ec2().send(new DescribeAvailabilityZonesCommand({}));
    return (AvailabilityZones ?? []).map(({ ZoneName = "" }) => ZoneName);
  });
  const where = zone || zones.data?.[0] || "";
  const create = () =>
    ec2().send(
      new CreateVolumeCommand({
        AvailabilityZone: where,
        Size: Number(size),
        VolumeType: kind as never,
        ...(snapshot?.SnapshotId ? { SnapshotId: snapshot.SnapshotId } : {}),
        ...nameTag("volume", name),
      }),
    );
  return (
    <FormModal
      title={snapshot ? `Create a volume of ${snapshot.SnapshotId}` : "Create volume"}
      verb="Create"
      ready={areNumbers(size) && where !== ""}
      submit={create}
      onClose={onClose}
    >
      <FormField label="Name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus spellcheck={false} />
      </FormField>
      <FormField
        label="Size in GiB"
        constraintText={least ? `${least} at least, as the snapshot is; its file system grows with it.` : ""}
      >
        <Input type="number" value={size} onChange={({ detail }) => setSize(detail.value)} />
      </FormField>
      <FormField label="Type">
        <Select
          selectedOption={{ value: kind }}
          options={KINDS.map((value) => ({ value }))}
          onChange={({ detail }) => setKind(detail.selectedOption.value ?? kind)}
        />
      </FormField>
      <FormField
        label="Zone"
        description="Only a machine of the same zone can have it."
        errorText={zones.refusal?.message}
      >
        <Select
          selectedOption={where ? { value: where } : null}
          options={(zones.data ?? []).map((value) => ({ value }))}
          statusType={zones.loading ? "loading" : "finished"}
          onChange={({ detail }) => setZone(detail.selectedOption.value ?? where)}
        />
      </FormField>
    </FormModal>
  );
}
