import {
  DeleteVolumeCommand,
  DetachVolumeCommand,
  paginateDescribeVolumes,
  type Volume,
} from "@aws-sdk/client-ec2";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";
import { named } from "../instances/instance";
import { CreateSnapshot } from "../snapshots/CreateSnapshot";
import { AttachVolume } from "./AttachVolume";
import { CreateVolume } from "./CreateVolume";
import { ModifyVolume } from "./ModifyVolume";
import { attachmentOf, idOf, isChanging, refusesTo } from "./volume";

const columns: Column<Volume>[] = [
  { id: "id", header: "Volume", value: idOf, width: 220 },
  { id: "name", header: "Name", value: (one) => named(one.Tags), width: 150 },
  {
    id: "state",
    header: "State",
    value: (one) => one.State,
    cell: (one) => <Status of={one.State} />,
    width: 130,
  },
  { id: "size", header: "GiB", value: (one) => one.Size, width: 90 },
  { id: "type", header: "Type", value: (one) => one.VolumeType, width: 100 },
  {
    id: "machine",
    header: "Attached to",
    value: (one) => attachmentOf(one)?.InstanceId,
    cell: (one) => {
      const id = attachmentOf(one)?.InstanceId;
      return id ? <GoTo to={to("ec2", "instances", id)}>{id}</GoTo> : "–";
    },
    width: 210,
  },
  { id: "device", header: "As", value: (one) => attachmentOf(one)?.Device, width: 110 },
  { id: "zone", header: "Zone", value: (one) => one.AvailabilityZone, width: 120 },
  { id: "snapshot", header: "Of snapshot", value: (one) => one.SnapshotId || undefined, hidden: true },
  {
    id: "stays",
    header: "When its machine goes",
    value: (one) => (attachmentOf(one)?.DeleteOnTermination ? "goes" : "stays"),
    hidden: true,
  },
  {
    id: "created",
    header: "Created",
    value: (one) => one.CreateTime,
    cell: (one) => <Ago at={one.CreateTime} />,
    width: 120,
  },
];

type Open = { what: "create" } | { what: "attach" | "modify" | "snapshot"; volume: Volume };

/** All volumes: the disks of machines, and those that wait for one. */
export default function VolumeList() {
  useCrumbs([{ text: "EC2", to: "/ec2/instances" }, { text: "Volumes" }]);
  const [open, setOpen] = useState<Open>();
  const live = useLive(
    ["ec2", "volumes"],
    () => collect(paginateDescribeVolumes({ client: ec2() }, { MaxResults: 500 }), (page) => page.Volumes),
    { changing: (volumes) => volumes.some(isChanging) },
  );
  const opens = (what: "attach" | "modify" | "snapshot") => ({
    single: true,
    run: ([volume]: Volume[]) => volume && setOpen({ what, volume }),
  });
  const detach = async (volumes: Volume[]) => {
    for (const one of volumes) await ec2().send(new DetachVolumeCommand({ VolumeId: idOf(one) }));
  };
  const close = (done: boolean) => {
    setOpen(undefined);
    if (done) live.refresh();
  };
  return (
    <>
      <ResourceList
        id="ec2.volumes"
        words={{ one: "volume", many: "volumes" }}
        live={live}
        idOf={idOf}
        columns={columns}
        sortedBy={{ column: "created", descending: true }}
        actions={[
          { id: "attach", text: "Attach", refuses: (one) => refusesTo("attach", one), ...opens("attach") },
          { id: "detach", text: "Detach", refuses: (one) => refusesTo("detach", one), run: detach },
          { id: "modify", text: "Modify", ...opens("modify") },
          { id: "snapshot", text: "Create snapshot", ...opens("snapshot") },
        ]}
        remove={(one) => ec2().send(new DeleteVolumeCommand({ VolumeId: idOf(one) }))}
        removal={{
          consequence: "All that is on it goes. Its snapshots stay.",
          refuses: (one) => refusesTo("delete", one),
        }}
        create={
          <Button variant="primary" onClick={() => setOpen({ what: "create" })}>
            Create volume
          </Button>
        }
        empty={{ hint: "Every machine brings one. Create another for data that outlive machines." }}
      />
      {open?.what === "create" && <CreateVolume onClose={close} />}
      {open?.what === "attach" && <AttachVolume volume={open.volume} onClose={close} />}
      {open?.what === "modify" && <ModifyVolume volume={open.volume} onClose={close} />}
      {open?.what === "snapshot" && <CreateSnapshot volume={idOf(open.volume)} onClose={close} />}
    </>
  );
}
