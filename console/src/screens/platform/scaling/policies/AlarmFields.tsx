import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Choice } from "../../../../blocks/fields/Choice";
import { TextField } from "../../../../blocks/fields/TextField";
import { Refused } from "../../../../blocks/Refused";
import type { Live } from "../../../../live/useLive";
import { conditionOf } from "../../../cloudwatch/alarms/condition";
import { type AlarmWish, isAbove, METRICS } from "./alarm";

interface Props {
  wish: AlarmWish;
  onChange: (change: Partial<AlarmWish>) => void;
  /** Those that there are, where one of them is to be taken. */
  alarms: Live<MetricAlarm[]>;
}

const WAYS = [
  { id: "make", text: "Make one" },
  { id: "take", text: "One that is there" },
  { id: "none", text: "None yet" },
];
const SIDES = [
  { value: "above", label: "At the threshold or above" },
  { value: "below", label: "At the threshold or below" },
];

/** The alarm that calls a step policy: without one it never acts. */
export function AlarmFields({ wish, onChange, alarms }: Props) {
  const take = (name: string) => {
    const found = alarms.data?.find(({ AlarmName }) => AlarmName === name);
    onChange({ name, above: isAbove(found?.ComparisonOperator) });
  };
  return (
    <SpaceBetween size="m">
      <FormField label="The alarm that calls it">
        <SegmentedControl
          label="The alarm that calls it"
          selectedId={wish.how}
          options={WAYS}
          onChange={({ detail }) => onChange({ how: detail.selectedId as AlarmWish["how"] })}
        />
      </FormField>
      {wish.how === "make" && (
        <ColumnLayout columns={2}>
          <Choice
            label="Metric"
            value={wish.metric}
            options={METRICS.map(({ id, label, statistic }) => ({
              value: id,
              label,
              description: statistic,
            }))}
            onChange={(metric) => onChange({ metric })}
          />
          <Choice
            label="Goes off"
            value={wish.above ? "above" : "below"}
            options={SIDES}
            onChange={(side) => onChange({ above: side === "above" })}
          />
          <TextField
            label="Threshold"
            value={wish.threshold}
            onChange={(threshold) => onChange({ threshold })}
          />
          <TextField
            label="Minutes in a row"
            number
            value={wish.periods}
            onChange={(periods) => onChange({ periods })}
          />
        </ColumnLayout>
      )}
      {wish.how === "take" && (
        <SpaceBetween size="m">
          <Refused of={alarms.refusal} />
          <Choice
            label="Alarm"
            description="It keeps what it does already, and calls this policy too."
            value={wish.name}
            options={(alarms.data ?? []).map((alarm) => ({
              value: alarm.AlarmName ?? "",
              label: alarm.AlarmName ?? "",
              description: conditionOf(alarm),
            }))}
            onChange={take}
          />
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
