import { paginateListStackResources, type StackResourceSummary } from "@aws-sdk/client-cloudformation";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { cloudformation } from "../client";
import { placeOf } from "./places";

const columns: Column<StackResourceSummary>[] = [
  { id: "name", header: "In the template", value: (one) => one.LogicalResourceId, width: 190 },
  {
    id: "id",
    header: "Name or ID",
    value: (one) => one.PhysicalResourceId,
    cell: (one) => {
      const place = placeOf(one.ResourceType, one.PhysicalResourceId);
      return place ? <GoTo to={place}>{one.PhysicalResourceId}</GoTo> : (one.PhysicalResourceId ?? "–");
    },
    width: 300,
  },
  { id: "type", header: "Type", value: (one) => one.ResourceType, width: 230 },
  {
    id: "status",
    header: "Status",
    value: (one) => one.ResourceStatus,
    cell: (one) => <Status of={one.ResourceStatus} />,
    width: 180,
  },
  {
    id: "changed",
    header: "Changed",
    value: (one) => one.LastUpdatedTimestamp,
    cell: (one) => <Ago at={one.LastUpdatedTimestamp} />,
    width: 120,
  },
  { id: "why", header: "Why", value: (one) => one.ResourceStatusReason, hidden: true, width: 320 },
];

/** What a stack has made; each leads to its own page, where it has one. */
export function ResourcesOfStack({ stack, changing }: { stack: string; changing: boolean }) {
  const live = useLive(
    ["cloudformation", `stack ${stack}`, "resources"],
    () =>
      collect(
        paginateListStackResources({ client: cloudformation() }, { StackName: stack }),
        (page) => page.StackResourceSummaries,
      ),
    { changing: () => changing },
  );
  return (
    <ResourceList
      id="cloudformation.resources"
      variant="container"
      words={{ one: "resource", many: "resources" }}
      live={live}
      idOf={(one) => one.LogicalResourceId ?? ""}
      columns={columns}
      sortedBy={{ column: "name" }}
      empty={{ hint: "It has made nothing." }}
    />
  );
}
