import { paginateDescribeAlarmHistory } from "@aws-sdk/client-cloudwatch";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useState } from "react";
import { collect } from "../../../aws/collect";
import { Graph } from "../../../blocks/graph/Graph";
import { RangePicker } from "../../../blocks/graph/RangePicker";
import { boundsOf, type Range } from "../../../blocks/graph/range";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { cloudwatch } from "../client";
import { useEntries } from "../widgets/useEntries";
import type { Alarm } from "./condition";
import { entriesOfAlarm, sharesOf, statesOf } from "./states";

/** Changes of state that are drawn. */
const MOST = 500;

/** An alarm's metric against its threshold, and when it was in which state. */
export function OverTime({ alarm }: { alarm: Alarm }) {
  const [range, setRange] = useState<Range>({ minutes: 180 });
  const name = alarm.AlarmName ?? "";
  const metrics = useEntries(entriesOfAlarm(alarm), range);
  const history = useLive(
    ["cloudwatch", `states ${name}`, JSON.stringify(range)],
    async () => {
      const { from, until } = boundsOf(range, Date.now());
      const asked = {
        AlarmName: name,
        HistoryItemType: "StateUpdate" as const,
        StartDate: new Date(from),
        EndDate: new Date(until),
      };
      const pages = paginateDescribeAlarmHistory({ client: cloudwatch() }, asked);
      return { items: await collect(pages, (page) => page.AlarmHistoryItems, MOST), from, until };
    },
    { keep: true },
  );
  const { from, until } = metrics.data ?? history.data ?? { from: 0, until: 1 };
  const bands = history.data
    ? statesOf(history.data.items, alarm.StateValue ?? "", from, Math.min(until, history.data.until))
    : [];
  const marks =
    alarm.Threshold === undefined
      ? []
      : [{ value: alarm.Threshold, title: "threshold", color: "#d13212", side: "left" as const }];
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={bands.length > 0 ? sharesOf(bands) : undefined}
          actions={<RangePicker range={range} onChange={setRange} />}
        >
          Over time
        </Header>
      }
    >
      <Refused of={metrics.refusal ?? history.refusal} />
      <Graph
        label="The metric, the threshold, and the alarm's states"
        lines={metrics.data?.lines ?? []}
        from={from}
        until={until}
        marks={marks}
        bands={bands}
        empty={
          alarm.AlarmRule ? "Its state follows from other alarms." : "Nothing was measured in this time."
        }
        height={alarm.AlarmRule ? 120 : 260}
      />
      <Box color="text-body-secondary" fontSize="body-s">
        Below: <Key state="OK" /> <Key state="ALARM" /> <Key state="INSUFFICIENT_DATA" />
      </Box>
    </Container>
  );
}

function Key({ state }: { state: string }) {
  return (
    <>
      <span className={`swatch state-${state}`} />
      {state}{" "}
    </>
  );
}
