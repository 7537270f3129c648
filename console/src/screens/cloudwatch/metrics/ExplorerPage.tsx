import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { Commands } from "../../../blocks/Commands";
import { CopyText } from "../../../blocks/CopyText";
import { RangePicker } from "../../../blocks/graph/RangePicker";
import { boundsOf, type Range, wholePeriods } from "../../../blocks/graph/range";
import { LiveMark } from "../../../blocks/LiveMark";
import { Page } from "../../../blocks/Page";
import { currentSession } from "../../../session/session";
import { type Entry, entriesOf, metricsOf } from "../widgets/entries";
import { MetricGraph } from "../widgets/MetricGraph";
import { asked, periodOf, useEntries } from "../widgets/useEntries";
import { AlarmModal } from "./AlarmModal";
import { Browse } from "./Browse";
import { Graphed } from "./Graphed";
import { WidgetModal } from "./WidgetModal";

const VIEWS = [
  { id: "timeSeries", text: "Lines" },
  { id: "stacked", text: "Stacked" },
  { id: "singleValue", text: "Numbers" },
];

function entriesIn(search: URLSearchParams): Entry[] {
  try {
    return entriesOf(JSON.parse(search.get("metrics") ?? "[]"));
  } catch {
    return [];
  }
}

/** All metrics: chosen, reckoned with, drawn on two axes; as an alarm, a widget, a command. */
export default function ExplorerPage() {
  const [search, setSearch] = useSearchParams();
  const [entries, setEntries] = useState(() => entriesIn(search));
  const [range, setRange] = useState<Range>({ minutes: 180 });
  const [view, setView] = useState("timeSeries");
  const [alarm, setAlarm] = useState<Entry>();
  const [adding, setAdding] = useState(false);
  const live = useEntries(entries, range);
  // The address tells what is drawn: it can be kept, or sent to somebody.
  const change = (next: Entry[]) => {
    setEntries(next);
    setSearch(next.length ? { metrics: JSON.stringify(metricsOf(next)) } : {}, { replace: true });
  };
  const period = periodOf(range, {});
  const properties = {
    metrics: metricsOf(entries),
    view: view === "singleValue" ? "singleValue" : "timeSeries",
    stacked: view === "stacked",
    region: currentSession().region,
    period,
    ...("minutes" in range
      ? {}
      : { start: new Date(range.from).toISOString(), end: new Date(range.until).toISOString() }),
  };
  return (
    <Page
      crumbs={[{ text: "CloudWatch", to: "/cloudwatch" }, { text: "Metrics" }]}
      title="Metrics"
      description={entries.length > 0 ? <LiveMark of={live} /> : undefined}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <SegmentedControl
            label="View"
            selectedId={view}
            options={VIEWS}
            onChange={({ detail }) => setView(detail.selectedId)}
          />
          <RangePicker range={range} onChange={setRange} />
          <Button disabled={entries.length === 0} onClick={() => setAdding(true)}>
            Add to dashboard
          </Button>
        </SpaceBetween>
      }
    >
      <Container>
        <MetricGraph
          label="The chosen metrics"
          live={entries.length > 0 ? live : { ...live, data: undefined, loading: false }}
          height={300}
          view={view}
          stacked={view === "stacked"}
        />
      </Container>
      <Container>
        <Tabs
          ariaLabel="Metrics"
          tabs={[
            {
              id: "browse",
              label: "Browse",
              content: (
                <SpaceBetween size="l">
                  <Graphed entries={entries} onChange={change} onAlarm={setAlarm} />
                  <Browse entries={entries} onChange={change} />
                </SpaceBetween>
              ),
            },
            {
              id: "source",
              label: "Source",
              content: <Source {...{ entries, range, properties }} />,
            },
          ]}
        />
      </Container>
      {alarm && <AlarmModal entry={alarm} entries={entries} onClose={() => setAlarm(undefined)} />}
      {adding && <WidgetModal properties={properties} onClose={() => setAdding(false)} />}
    </Page>
  );
}

interface SourceProps {
  entries: Entry[];
  range: Range;
  properties: Record<string, unknown>;
}

function Source({ entries, range, properties }: SourceProps) {
  const bounds = boundsOf(range, Date.now());
  const { from, until } = wholePeriods(bounds.from, bounds.until, periodOf(range, {}));
  return (
    <SpaceBetween size="m">
      <CopyText
        about="The widget, for a dashboard or GetMetricWidgetImage:"
        text={JSON.stringify({ type: "metric", properties }, undefined, 2)}
      />
      {entries.length > 0 && (
        <Commands
          client="CloudWatch"
          operation="GetMetricData"
          input={{ MetricDataQueries: asked(entries, range, {}), StartTime: from, EndTime: until }}
        />
      )}
    </SpaceBetween>
  );
}
