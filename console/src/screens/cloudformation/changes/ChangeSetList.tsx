import { type ChangeSetSummary, DeleteChangeSetCommand } from "@aws-sdk/client-cloudformation";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Status } from "../../../blocks/Status";
import { cloudformation } from "../client";
import { useChangeSets } from "./useChangeSets";

const nameOf = (set: ChangeSetSummary) => set.ChangeSetName ?? "";

const columns: Column<ChangeSetSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (set) => (
      <GoTo to={to("cloudformation", "stacks", set.StackName ?? "", "change-sets", nameOf(set))}>
        {nameOf(set)}
      </GoTo>
    ),
    width: 260,
  },
  {
    id: "status",
    header: "Status",
    value: (set) => set.Status,
    cell: (set) => <Status of={set.Status} />,
    width: 170,
  },
  {
    id: "execution",
    header: "Execution",
    value: (set) => set.ExecutionStatus,
    cell: (set) => <Status of={set.ExecutionStatus} />,
    width: 170,
  },
  {
    id: "created",
    header: "Created",
    value: (set) => set.CreationTime,
    cell: (set) => <Ago at={set.CreationTime} />,
    width: 120,
  },
  { id: "why", header: "Why", value: (set) => set.StatusReason, width: 300 },
];

/** A stack's change sets: what an update would do. */
export function ChangeSetList({ stack }: { stack: string }) {
  const live = useChangeSets(stack);
  return (
    <ResourceList
      id="cloudformation.changeSets"
      variant="container"
      words={{ one: "change set", many: "change sets" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      remove={(set) =>
        cloudformation().send(new DeleteChangeSetCommand({ StackName: stack, ChangeSetName: nameOf(set) }))
      }
      empty={{ hint: "Update the stack to see what would change, before it does." }}
    />
  );
}
