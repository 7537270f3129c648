import { DeleteSnapshotCommand, paginateDescribeSnapshots, type Snapshot } from "@aws-sdk/client-ec2";
import { useState } from "react";
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
import { CreateVolume } from "../volumes/CreateVolume";

const idOf = (snapshot: Snapshot) => snapshot.SnapshotId ?? "";

const columns: Column<Snapshot>[] = [
  { id: "id", header: "Snapshot", value: idOf, width: 230 },
  { id: "name", header: "Name", value: (one) => named(one.Tags), width: 150 },
  {
    id: "state",
    header: "State",
    value: (one) => one.State,
    cell: (one) => <Status of={one.State} />,
    width: 140,
  },
  { id: "progress", header: "Progress", value: (one) => one.Progress, hidden: true },
  { id: "size", header: "GiB", value: (one) => one.VolumeSize, width: 90 },
  { id: "volume", header: "Of volume", value: (one) => one.VolumeId, width: 200 },
  { id: "description", header: "Description", value: (one) => one.Description || undefined, width: 220 },
  {
    id: "started",
    header: "Started",
    value: (one) => one.StartTime,
    cell: (one) => <Ago at={one.StartTime} />,
    width: 120,
  },
];

const isReady = (one: Snapshot) => (one.State === "completed" ? undefined : `It is ${one.State}.`);

/** The account's snapshots. */
export default function SnapshotList() {
  useCrumbs([{ text: "EC2", to: "/ec2/instances" }, { text: "Snapshots" }]);
  const [of, setOf] = useState<Snapshot>();
  const live = useLive(
    ["ec2", "snapshots"],
    () =>
      collect(
        paginateDescribeSnapshots({ client: ec2() }, { OwnerIds: ["self"], MaxResults: 500 }),
        (page) => page.Snapshots,
      ),
    { changing: (snapshots) => snapshots.some(({ State }) => State === "pending") },
  );
  return (
    <>
      <ResourceList
        id="ec2.snapshots"
        words={{ one: "snapshot", many: "snapshots" }}
        live={live}
        idOf={idOf}
        columns={columns}
        sortedBy={{ column: "started", descending: true }}
        actions={[
          { id: "volume", text: "Create volume", single: true, refuses: isReady, run: ([one]) => setOf(one) },
        ]}
        remove={(one) => ec2().send(new DeleteSnapshotCommand({ SnapshotId: idOf(one) }))}
        removal={{ consequence: "Volumes that were made of it stay." }}
        empty={{
          hint: (
            <>
              Choose a <GoTo to="/ec2/volumes">volume</GoTo>, and create one of it.
            </>
          ),
        }}
      />
      {of && <CreateVolume snapshot={of} onClose={() => setOf(undefined)} />}
    </>
  );
}
