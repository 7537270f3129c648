import {
  type AlarmHistoryItem,
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
} from "@aws-sdk/client-cloudwatch";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import { useParams } from "react-router";
import { aws } from "../../../aws/client";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Page } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { type Alarm, conditionOf } from "./condition";
import { OverTime } from "./OverTime";

async function read(name: string): Promise<Alarm | undefined> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await aws(CloudWatchClient).send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
  );
  return [...MetricAlarms, ...CompositeAlarms][0];
}

/** One alarm: its state and why, its metric against the threshold, what it did. */
export default function AlarmPage() {
  const { name = "" } = useParams();
  const live = useLive(["cloudwatch", "alarms", name], async () => (await read(name)) ?? null);
  const alarm = live.data ?? undefined;
  return (
    <Page
      crumbs={[
        { text: "CloudWatch", to: "/cloudwatch" },
        { text: "Alarms", to: "/cloudwatch/alarms" },
        { text: name },
      ]}
      title={name}
      description={alarm?.AlarmDescription ?? <LiveMark of={live} />}
      refusal={alarm ? undefined : live.refusal}
    >
      {live.data === null && <Alert type="info">There is no alarm of this name.</Alert>}
      {alarm && (
        <Container>
          <KeyValues
            columns={2}
            of={{
              State: <Status of={alarm.StateValue} />,
              Condition: conditionOf(alarm),
              Why: alarm.StateReason,
              "When it rings": alarm.AlarmActions?.length
                ? alarm.AlarmActions.map((arn) => <Copyable key={arn} text={arn} />)
                : "nothing is done",
            }}
          />
        </Container>
      )}
      {alarm && <OverTime alarm={alarm} />}
      {alarm && <History name={name} />}
    </Page>
  );
}

const idOf = (item: AlarmHistoryItem) =>
  `${item.Timestamp?.getTime()} ${item.HistoryItemType} ${item.HistorySummary}`;

const HISTORY: Column<AlarmHistoryItem>[] = [
  { id: "at", header: "When", value: (item) => item.Timestamp, cell: (item) => <Ago at={item.Timestamp} /> },
  { id: "type", header: "Kind", value: (item) => item.HistoryItemType },
  {
    id: "what",
    header: "What",
    value: (item) => item.HistorySummary,
    cell: (item) => <Box>{item.HistorySummary}</Box>,
  },
];

function History({ name }: { name: string }) {
  const live = useLive(["cloudwatch", `history ${name}`], async () => {
    const asked = { AlarmName: name, MaxRecords: 100, ScanBy: "TimestampDescending" as const };
    return (await aws(CloudWatchClient).send(new DescribeAlarmHistoryCommand(asked))).AlarmHistoryItems ?? [];
  });
  return (
    <ResourceList
      id="cloudwatch.history"
      words={{ one: "event", many: "history" }}
      variant="container"
      live={live}
      idOf={idOf}
      columns={HISTORY}
      sortedBy={{ column: "at", descending: true }}
      empty={{ hint: "It has not changed its state yet." }}
    />
  );
}
