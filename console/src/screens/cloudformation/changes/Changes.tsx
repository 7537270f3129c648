import type { Change, ResourceChange } from "@aws-sdk/client-cloudformation";
import Badge, { type BadgeProps } from "@cloudscape-design/components/badge";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { told } from "./told";

const COLOURS: Record<string, BadgeProps["color"]> = { Add: "green", Remove: "red", Modify: "blue" };

const withBreaks = (names: readonly string[]) => names.join(", ") || "–";

/** What a change set would do to each resource. */
export function Changes({ of }: { of: readonly Change[] }) {
  const items = of.flatMap(({ ResourceChange }) => (ResourceChange ? [ResourceChange] : []));
  return (
    <Table<ResourceChange>
      variant="container"
      header={
        <Header variant="h2" counter={`(${items.length})`}>
          Changes
        </Header>
      }
      items={items}
      trackBy={(one) => one.LogicalResourceId ?? ""}
      wrapLines
      empty="Nothing would change."
      columnDefinitions={[
        {
          id: "action",
          header: "What",
          cell: (one) => <Badge color={COLOURS[one.Action ?? ""] ?? "grey"}>{told(one)}</Badge>,
        },
        { id: "name", header: "In the template", cell: (one) => one.LogicalResourceId, isRowHeader: true },
        { id: "id", header: "Name or ID", cell: (one) => one.PhysicalResourceId ?? "–" },
        { id: "type", header: "Type", cell: (one) => one.ResourceType },
        {
          id: "properties",
          header: "Properties",
          cell: (one) =>
            withBreaks([
              ...new Set(
                (one.Details ?? []).flatMap(({ Target }) => Target?.Name ?? Target?.Attribute ?? []),
              ),
            ]),
        },
      ]}
    />
  );
}
