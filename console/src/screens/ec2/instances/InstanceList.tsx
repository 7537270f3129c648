import { type Instance, paginateDescribeInstances, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
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
import { CreateImage } from "../images/CreateImage";
import { actionsWith } from "./actions";
import { idOf, isChanging, named, refusesTo, stateOf } from "./instance";

const columns: Column<Instance>[] = [
  {
    id: "id",
    header: "Instance",
    value: idOf,
    cell: (one) => <GoTo to={to("ec2", "instances", idOf(one))}>{idOf(one)}</GoTo>,
    width: 210,
  },
  { id: "name", header: "Name", value: (one) => named(one.Tags) },
  { id: "state", header: "State", value: stateOf, cell: (one) => <Status of={stateOf(one)} /> },
  { id: "type", header: "Type", value: (one) => one.InstanceType },
  { id: "address", header: "Public address", value: (one) => one.PublicIpAddress },
  { id: "zone", header: "Zone", value: (one) => one.Placement?.AvailabilityZone },
  { id: "spot", header: "Bought as", value: (one) => one.InstanceLifecycle ?? "on-demand", hidden: true },
  { id: "key", header: "Key pair", value: (one) => one.KeyName, hidden: true },
  {
    id: "launched",
    header: "Launched",
    value: (one) => one.LaunchTime,
    cell: (one) => <Ago at={one.LaunchTime} />,
  },
];

/** All machines. */
export default function InstanceList() {
  useCrumbs([{ text: "EC2", to: "/ec2/instances" }, { text: "Instances" }]);
  const navigate = useNavigate();
  const [imaging, setImaging] = useState<Instance>();
  const live = useLive(
    ["ec2", "instances"],
    () =>
      collect(paginateDescribeInstances({ client: ec2() }, { MaxResults: 500 }), (page) =>
        page.Reservations?.flatMap(({ Instances }) => Instances ?? []),
      ),
    { changing: (instances) => instances.some(isChanging) },
  );
  return (
    <>
      <ResourceList
        id="ec2.instances"
        words={{ one: "instance", many: "instances" }}
        live={live}
        idOf={idOf}
        columns={columns}
        sortedBy={{ column: "launched", descending: true }}
        actions={actionsWith(setImaging)}
        remove={(one) => ec2().send(new TerminateInstancesCommand({ InstanceIds: [idOf(one)] }))}
        removal={{
          verb: "Terminate",
          consequence:
            "Its root disk goes, with all that is on it, and so do volumes that are deleted on termination.",
          refuses: (one) => refusesTo("terminate", one),
        }}
        create={
          <Button variant="primary" onClick={() => void navigate("/ec2/launch")}>
            Launch instances
          </Button>
        }
        empty={{ hint: "Launch one: a machine of your own to copy data to, train on, and terminate." }}
      />
      {imaging && <CreateImage machine={idOf(imaging)} onClose={() => setImaging(undefined)} />}
    </>
  );
}
