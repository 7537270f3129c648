import {
  CancelSpotInstanceRequestsCommand,
  DescribeSpotInstanceRequestsCommand,
  type SpotInstanceRequest,
} from "@aws-sdk/client-ec2";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";

const idOf = (request: SpotInstanceRequest) => request.SpotInstanceRequestId ?? "";

const columns: Column<SpotInstanceRequest>[] = [
  { id: "id", header: "Request", value: idOf, width: 170 },
  {
    id: "state",
    header: "State",
    value: (one) => one.State,
    cell: (one) => <Status of={one.State} />,
    width: 130,
  },
  { id: "code", header: "Status", value: (one) => one.Status?.Code, width: 150 },
  { id: "why", header: "Why", value: (one) => one.Status?.Message, width: 280 },
  { id: "type", header: "Type", value: (one) => one.LaunchSpecification?.InstanceType },
  { id: "price", header: "At most, $/h", value: (one) => one.SpotPrice },
  {
    id: "machine",
    header: "Machine",
    value: (one) => one.InstanceId,
    cell: ({ InstanceId: id }) => (id ? <GoTo to={to("ec2", "instances", id)}>{id}</GoTo> : "–"),
    width: 210,
  },
  { id: "kind", header: "Kind", value: (one) => one.Type, hidden: true },
  {
    id: "created",
    header: "Created",
    value: (one) => one.CreateTime,
    cell: (one) => <Ago at={one.CreateTime} />,
    width: 120,
  },
];

/** Requests for Spot machines: what they wait for, and what they got. */
export default function SpotList() {
  useCrumbs([{ text: "EC2", to: "/ec2/instances" }, { text: "Spot requests" }]);
  const live = useLive(
    ["ec2", "spot"],
    async () => (await ec2().send(new DescribeSpotInstanceRequestsCommand({}))).SpotInstanceRequests ?? [],
    { changing: (requests) => requests.some(({ State }) => State === "open") },
  );
  return (
    <ResourceList
      id="ec2.spot"
      words={{ one: "Spot request", many: "Spot requests" }}
      live={live}
      idOf={idOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      remove={(one) =>
        ec2().send(new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [idOf(one)] }))
      }
      removal={{
        verb: "Withdraw",
        consequence: "A machine that it got runs on: terminate it by itself.",
        refuses: ({ State = "" }) => (["open", "active"].includes(State) ? undefined : `It is ${State}.`),
      }}
      empty={{
        hint: (
          <>
            <GoTo to="/ec2/launch">Launch a machine</GoTo> on Spot: its request is shown here.
          </>
        ),
      }}
    />
  );
}
