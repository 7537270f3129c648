import { paginateDescribeStackEvents, type StackEvent } from "@aws-sdk/client-cloudformation";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { cloudformation } from "../client";

/** Most events that are shown, the newest. */
const MOST = 300;

const columns: Column<StackEvent>[] = [
  {
    id: "when",
    header: "When",
    value: (event) => event.Timestamp,
    cell: (event) => <Ago at={event.Timestamp} />,
    width: 120,
  },
  { id: "resource", header: "Resource", value: (event) => event.LogicalResourceId, width: 190 },
  {
    id: "status",
    header: "Status",
    value: (event) => event.ResourceStatus,
    cell: (event) => <Status of={event.ResourceStatus} />,
    width: 190,
  },
  { id: "why", header: "Why", value: (event) => event.ResourceStatusReason, width: 340 },
  { id: "type", header: "Type", value: (event) => event.ResourceType, width: 220 },
  { id: "id", header: "Name or ID", value: (event) => event.PhysicalResourceId, hidden: true, width: 280 },
];

/** What happened to a stack, the newest first; as it happens. */
export function EventList({ stack, changing }: { stack: string; changing: boolean }) {
  const live = useLive(
    ["cloudformation", `stack ${stack}`, "events"],
    () =>
      collect(
        paginateDescribeStackEvents({ client: cloudformation() }, { StackName: stack }),
        (page) => page.StackEvents,
        MOST,
      ),
    { changing: () => changing },
  );
  return (
    <ResourceList
      id="cloudformation.events"
      variant="container"
      words={{ one: "event", many: "events" }}
      live={live}
      idOf={(event) => event.EventId ?? ""}
      columns={columns}
      empty={{ hint: "Nothing has happened yet." }}
    />
  );
}
