import { DeleteStackCommand, paginateDescribeStacks, type Stack } from "@aws-sdk/client-cloudformation";
import Button from "@cloudscape-design/components/button";
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
import { cloudformation } from "../client";
import { goesOn } from "./states";

const nameOf = (stack: Stack) => stack.StackName ?? "";

const columns: Column<Stack>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (stack) => <GoTo to={to("cloudformation", "stacks", nameOf(stack))}>{nameOf(stack)}</GoTo>,
    width: 240,
  },
  {
    id: "status",
    header: "Status",
    value: (stack) => stack.StackStatus,
    cell: (stack) => <Status of={stack.StackStatus} />,
    width: 220,
  },
  {
    id: "changed",
    header: "Changed",
    value: (stack) => stack.LastUpdatedTime ?? stack.CreationTime,
    cell: (stack) => <Ago at={stack.LastUpdatedTime ?? stack.CreationTime} />,
    width: 130,
  },
  { id: "description", header: "Description", value: (stack) => stack.Description, width: 280 },
  { id: "why", header: "Why", value: (stack) => stack.StackStatusReason, hidden: true, width: 320 },
  { id: "id", header: "Stack ID", value: (stack) => stack.StackId, hidden: true, width: 420 },
];

/** All stacks that have not been deleted. */
export default function StackList() {
  useCrumbs([{ text: "CloudFormation", to: "/cloudformation" }, { text: "Stacks" }]);
  const navigate = useNavigate();
  const live = useLive(
    ["cloudformation", "stacks"],
    () => collect(paginateDescribeStacks({ client: cloudformation() }, {}), (page) => page.Stacks),
    { changing: (stacks) => stacks.some((stack) => goesOn(stack.StackStatus)) },
  );
  return (
    <ResourceList
      id="cloudformation.stacks"
      words={{ one: "stack", many: "stacks" }}
      live={live}
      idOf={(stack) => stack.StackId ?? ""}
      nameOf={nameOf}
      columns={columns}
      sortedBy={{ column: "changed", descending: true }}
      remove={(stack) => cloudformation().send(new DeleteStackCommand({ StackName: nameOf(stack) }))}
      removal={{
        consequence: "All that it made goes with it, but what its template says is to be retained.",
        refuses: (stack) =>
          stack.EnableTerminationProtection ? `${nameOf(stack)} is protected from deletion.` : undefined,
      }}
      create={
        <Button variant="primary" onClick={() => void navigate("/cloudformation/change-stack")}>
          Create stack
        </Button>
      }
      empty={{ hint: "A stack is what a template has made: buckets, roles, endpoints, together." }}
    />
  );
}
