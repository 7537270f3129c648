import {
  CloudWatchLogsClient,
  DeleteMetricFilterCommand,
  type MetricFilter,
  paginateDescribeMetricFilters,
} from "@aws-sdk/client-cloudwatch-logs";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { aws } from "../../../../aws/client";
import { collect } from "../../../../aws/collect";
import { GoTo } from "../../../../blocks/links/GoTo";
import type { Column } from "../../../../blocks/list/columns";
import { ResourceList } from "../../../../blocks/list/ResourceList";
import { useLive } from "../../../../live/useLive";
import { FilterModal } from "./FilterModal";

const logs = () => aws(CloudWatchLogsClient);
const nameOf = (filter: MetricFilter) => filter.filterName ?? "";
const metricOf = ({ metricTransformations: [made] = [] }: MetricFilter) =>
  made ? `${made.metricNamespace}, ${made.metricName}` : "";

const columns: Column<MetricFilter>[] = [
  { id: "name", header: "Filter", value: nameOf, width: 200 },
  { id: "pattern", header: "Pattern", value: (filter) => filter.filterPattern || "all lines", width: 300 },
  {
    id: "metric",
    header: "Metric",
    value: metricOf,
    cell: (filter) => <GoTo to="/cloudwatch/metrics">{metricOf(filter)}</GoTo>,
    width: 240,
  },
  {
    id: "value",
    header: "Value",
    value: (filter) => filter.metricTransformations?.[0]?.metricValue,
    width: 120,
  },
  {
    id: "otherwise",
    header: "Otherwise",
    value: (filter) => filter.metricTransformations?.[0]?.defaultValue,
    width: 120,
  },
];

/** What lines of a group become metrics. */
export function MetricFilters({ group }: { group: string }) {
  const [open, setOpen] = useState<"new" | MetricFilter>();
  const live = useLive(["logs", `metric filters ${group}`], () =>
    collect(
      paginateDescribeMetricFilters({ client: logs() }, { logGroupName: group }),
      (page) => page.metricFilters,
    ),
  );
  return (
    <>
      <ResourceList
        id="cloudwatch.metricFilters"
        words={{ one: "metric filter", many: "metric filters" }}
        variant="container"
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        actions={[{ id: "edit", text: "Edit", single: true, run: ([filter]) => setOpen(filter) }]}
        remove={(filter) =>
          logs().send(new DeleteMetricFilterCommand({ logGroupName: group, filterName: nameOf(filter) }))
        }
        removal={{ consequence: "Its metric gets no more values; those that it has stay." }}
        create={<Button onClick={() => setOpen("new")}>Create metric filter</Button>}
        empty={{
          hint: "Count lines that match, or take numbers out of them: alarms and graphs take it from there.",
        }}
      />
      {open && (
        <FilterModal
          group={group}
          filter={open === "new" ? undefined : open}
          onClose={(done) => {
            setOpen(undefined);
            if (done) live.refresh();
          }}
        />
      )}
    </>
  );
}
