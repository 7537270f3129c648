import { AttachVolumeCommand, paginateDescribeInstances, type Volume } from "@aws-sdk/client-ec2";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { FormModal } from "../../../blocks/modals/FormModal";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";
import { idOf as machineOf, named, stateOf } from "../instances/instance";
import { freeDevice, idOf } from "./volume";

/** Gives a volume to a machine of its zone. */
export function AttachVolume({ volume, onClose }: { volume: Volume; onClose: (done: boolean) => void }) {
  const [machine, setMachine] = useState("");
  const [device, setDevice] = useState("");
  const machines = useLive(["ec2", "instances", `of ${volume.AvailabilityZone}`], () => {
    const Filters = [
      { Name: "availability-zone", Values: [volume.AvailabilityZone ?? ""] },
      { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
    ];
    return collect(paginateDescribeInstances({ client: ec2() }, { Filters }), (page) =>
      page.Reservations?.flatMap(({ Instances }) => Instances ?? []),
    );
  });
  const options = (machines.data ?? []).map((one) => ({
    value: machineOf(one),
    label: machineOf(one),
    description: [named(one.Tags), stateOf(one)].filter(Boolean).join(", "),
  }));
  const chosen = machines.data?.find((one) => machineOf(one) === machine);
  const as = device || freeDevice((chosen?.BlockDeviceMappings ?? []).map(({ DeviceName }) => DeviceName));
  return (
    <FormModal
      title={`Attach ${idOf(volume)}`}
      verb="Attach"
      ready={machine !== ""}
      submit={() =>
        ec2().send(new AttachVolumeCommand({ VolumeId: idOf(volume), InstanceId: machine, Device: as }))
      }
      onClose={onClose}
    >
      <FormField label="Machine" errorText={machines.refusal?.message}>
        <Select
          selectedOption={options.find(({ value }) => value === machine) ?? null}
          options={options}
          statusType={machines.loading ? "loading" : "finished"}
          empty={`No machine in ${volume.AvailabilityZone}.`}
          onChange={({ detail }) => setMachine(detail.selectedOption.value ?? "")}
        />
      </FormField>
      <FormField
        label="Device"
        constraintText={`Inside it is a file system at /mnt/${as.split("/").at(-1)}; there are no block devices.`}
      >
        <Input value={as} onChange={({ detail }) => setDevice(detail.value)} spellcheck={false} />
      </FormField>
    </FormModal>
  );
}
