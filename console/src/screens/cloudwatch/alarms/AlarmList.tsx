import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import Box from "@cloudscape-design/components/box";
import { to } from "../../../app/links";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Action } from "../../../blocks/list/actions";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { type Alarm, conditionOf } from "./condition";

const nameOf = (alarm: Alarm) => alarm.AlarmName ?? "";

const columns: Column<Alarm>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (alarm) => <GoTo to={to("cloudwatch", "alarms", nameOf(alarm))}>{nameOf(alarm)}</GoTo>,
    width: 320,
  },
  {
    id: "state",
    header: "State",
    value: (alarm) => alarm.StateValue,
    width: 160,
    cell: (alarm) => <Status of={alarm.StateValue} />,
  },
  { id: "condition", header: "Condition", value: conditionOf, width: 300 },
  {
    id: "since",
    width: 130,
    header: "Since",
    value: (alarm) => alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp,
    cell: (alarm) => <Ago at={alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp} />,
  },
  { id: "actions", header: "Actions", width: 120, value: (alarm) => (alarm.ActionsEnabled ? "on" : "off") },
];

const cloudwatch = () => aws(CloudWatchClient);

const actions: Action<Alarm>[] = [
  {
    id: "enable",
    text: "Switch actions on",
    run: (alarms) => cloudwatch().send(new EnableAlarmActionsCommand({ AlarmNames: alarms.map(nameOf) })),
  },
  {
    id: "disable",
    text: "Switch actions off",
    run: (alarms) => cloudwatch().send(new DisableAlarmActionsCommand({ AlarmNames: alarms.map(nameOf) })),
  },
];

/** All alarms, of metrics and of other alarms. */
export default function AlarmList() {
  useCrumbs([{ text: "CloudWatch", to: "/cloudwatch" }, { text: "Alarms" }]);
  const live = useLive(["cloudwatch", "alarms"], () =>
    collect(
      paginateDescribeAlarms({ client: cloudwatch() }, { AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
      (page): Alarm[] => [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])],
    ),
  );
  return (
    <ResourceList
      id="cloudwatch.alarms"
      words={{ one: "alarm", many: "alarms" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "name" }}
      actions={actions}
      remove={(alarm) => cloudwatch().send(new DeleteAlarmsCommand({ AlarmNames: [nameOf(alarm)] }))}
      removal={{ consequence: "An alarm of a scaling policy takes its scaling away with it." }}
      empty={{
        hint: (
          <>
            A scaling policy makes its own alarms; yours come by{" "}
            <Box variant="code">aws cloudwatch put-metric-alarm</Box>.
          </>
        ),
      }}
    />
  );
}
