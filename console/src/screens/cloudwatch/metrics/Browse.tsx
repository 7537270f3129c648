import { type Metric, paginateListMetrics } from "@aws-sdk/client-cloudwatch";
import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useMemo, useState } from "react";
import { collect } from "../../../aws/collect";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { cloudwatch } from "../client";
import { type Entry, freeId, keyOf } from "../widgets/entries";
import { dimensionsOf, type Family, familiesOf } from "./metrics";

/** Metrics that are asked for; the search of the API finds those behind them. */
const MOST = 5_000;

interface Props {
  entries: Entry[];
  onChange: (entries: Entry[]) => void;
}

/** Namespaces, then their dimensions, then their metrics; what is chosen is drawn. */
export function Browse({ entries, onChange }: Props) {
  const [namespace, setNamespace] = useState<string>();
  const [names, setNames] = useState<string>();
  const live = useLive(["cloudwatch", "list"], () =>
    collect(paginateListMetrics({ client: cloudwatch() }, {}), (page) => page.Metrics, MOST),
  );
  const families = useMemo(() => familiesOf(live.data ?? []), [live.data]);
  const inside = namespace === undefined ? undefined : families.get(namespace);
  const family =
    inside?.find((one) => one.names.join("\n") === names) ?? (inside?.length === 1 ? inside[0] : undefined);
  return (
    <SpaceBetween size="s">
      <Refused of={live.refusal} />
      <SpaceBetween direction="horizontal" size="xs">
        <Button
          formAction="none"
          variant="inline-link"
          onClick={() => {
            setNamespace(undefined);
            setNames(undefined);
          }}
        >
          All
        </Button>
        {namespace !== undefined && (
          <Button formAction="none" variant="inline-link" onClick={() => setNames(undefined)}>
            {namespace}
          </Button>
        )}
        {family && <Box color="text-body-secondary">{wordsOf(family)}</Box>}
      </SpaceBetween>
      {family ? (
        <Members key={`${namespace} ${names}`} family={family} entries={entries} onChange={onChange} />
      ) : inside ? (
        <Choices
          words="dimensions"
          of={inside.map((one) => ({
            id: one.names.join("\n"),
            title: wordsOf(one),
            count: one.metrics.length,
          }))}
          onChoose={setNames}
          loading={false}
        />
      ) : (
        <Choices
          words="namespaces"
          of={[...families].map(([id, sets]) => ({
            id,
            title: id,
            count: sets.reduce((sum, { metrics }) => sum + metrics.length, 0),
          }))}
          onChoose={setNamespace}
          loading={live.loading}
        />
      )}
      {(live.data?.length ?? 0) >= MOST && (
        <Box color="text-body-secondary">{MOST} metrics are listed; there are more.</Box>
      )}
    </SpaceBetween>
  );
}

const wordsOf = ({ names }: Family) => names.join(", ") || "Metrics without dimensions";

interface Choice {
  id: string;
  title: string;
  count: number;
}

interface ChoicesProps {
  words: string;
  of: Choice[];
  onChoose: (id: string) => void;
  loading: boolean;
}

function Choices({ words, of, onChoose, loading }: ChoicesProps) {
  const { items, filterProps } = useCollection(of, {
    filtering: {
      empty: `No ${words} yet: jobs, endpoints and functions write theirs.`,
      noMatch: "None is called so.",
    },
  });
  return (
    <SpaceBetween size="xs">
      <TextFilter
        {...filterProps}
        filteringPlaceholder={`Find ${words}`}
        filteringAriaLabel={`Find ${words}`}
      />
      <div className="cards">
        {items.map((one) => (
          <Box key={one.id} padding={{ vertical: "xs" }}>
            <Link
              fontSize="heading-s"
              href="#"
              onFollow={(event) => {
                event.preventDefault();
                onChoose(one.id);
              }}
            >
              {one.title}
            </Link>
            <Box color="text-body-secondary">
              {one.count} {one.count === 1 ? "metric" : "metrics"}
            </Box>
          </Box>
        ))}
      </div>
      {items.length === 0 && (
        <Box color="text-body-secondary">
          {loading
            ? "Looking …"
            : of.length
              ? "None is called so."
              : `No ${words} yet: jobs, endpoints and functions write theirs.`}
        </Box>
      )}
    </SpaceBetween>
  );
}

interface Row {
  key: string;
  metric: string;
  dimensions: [string, string][];
  text: string;
}

function Members({ family, entries, onChange }: Props & { family: Family }) {
  const rows = useMemo(() => family.metrics.map(rowOf), [family]);
  const graphed = new Set(entries.map(keyOf));
  const { items, filterProps, paginationProps, collectionProps } = useCollection(rows, {
    filtering: {
      noMatch: "None is called so.",
      filteringFunction: (row, text) => row.text.includes(text.toLowerCase()),
    },
    pagination: { pageSize: 20 },
    sorting: {},
  });
  const choose = (chosen: readonly Row[]) => {
    const wanted = new Set(chosen.map(({ key }) => key));
    const here = new Set(rows.map(({ key }) => key));
    // What other pages of the table, or other namespaces, have in the graph stays there.
    let next = entries.filter(
      (entry) => entry.expression || !here.has(keyOf(entry)) || wanted.has(keyOf(entry)),
    );
    for (const row of chosen)
      if (!graphed.has(row.key)) next = [...next, entryOf(family.namespace, row, next)];
    onChange(next);
  };
  return (
    <Table
      {...collectionProps}
      variant="embedded"
      trackBy="key"
      items={items}
      selectionType="multi"
      selectedItems={rows.filter(({ key }) => graphed.has(key))}
      onSelectionChange={({ detail }) => choose(detail.selectedItems)}
      ariaLabels={{
        selectionGroupLabel: "Drawn metrics",
        allItemsSelectionLabel: () => "Draw all",
        itemSelectionLabel: (_, row) =>
          `Draw ${[row.metric, ...row.dimensions.map(([, value]) => value)].join(" ")}`,
        tableLabel: "Metrics",
      }}
      filter={
        <TextFilter {...filterProps} filteringPlaceholder="Find metrics" filteringAriaLabel="Find metrics" />
      }
      pagination={<Pagination {...paginationProps} />}
      columnDefinitions={[
        ...family.names.map((name) => ({
          id: `d ${name}`,
          header: name,
          cell: (row: Row) => row.dimensions.find(([known]) => known === name)?.[1] ?? "–",
        })),
        { id: "metric", header: "Metric", cell: (row: Row) => row.metric, sortingField: "metric" },
      ]}
    />
  );
}

function rowOf(metric: Metric): Row {
  const dimensions = dimensionsOf(metric);
  const name = metric.MetricName ?? "";
  return {
    key: keyOf({ namespace: metric.Namespace ?? "", metric: name, dimensions }),
    metric: name,
    dimensions,
    text: [name, ...dimensions.flat()].join(" ").toLowerCase(),
  };
}

const entryOf = (namespace: string, row: Row, before: Entry[]): Entry => ({
  id: freeId(before),
  namespace,
  metric: row.metric,
  dimensions: row.dimensions,
  side: "left",
  visible: true,
});
