import type { ComparisonOperator, PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import { type Entry, queriesOf } from "../widgets/entries";

export interface AlarmForm {
  name: string;
  operator: ComparisonOperator;
  threshold: string;
  periods: string;
  enough: string;
  missing: string;
  period: string;
  action: string;
}

const STANDARD = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"];

/** What PutMetricAlarm is asked: one metric by itself, or an expression with all that it may stand on. */
export function alarmOf(form: AlarmForm, entry: Entry, entries: Entry[]): PutMetricAlarmCommandInput {
  const period = Number(form.period);
  const common = {
    AlarmName: form.name,
    ComparisonOperator: form.operator,
    Threshold: Number(form.threshold),
    EvaluationPeriods: Number(form.periods),
    DatapointsToAlarm: Number(form.enough),
    TreatMissingData: form.missing,
    ...(form.action ? { AlarmActions: [form.action] } : {}),
  };
  if (entry.expression !== undefined) {
    const queries = queriesOf(
      entries.map((one) => ({ ...one, visible: one.id === entry.id, period })),
      { stat: "Average", period },
    );
    return { ...common, Metrics: queries };
  }
  const stat = entry.stat ?? "Average";
  return {
    ...common,
    Namespace: entry.namespace,
    MetricName: entry.metric,
    Dimensions: entry.dimensions.map(([Name, Value]) => ({ Name, Value })),
    Period: period,
    ...(STANDARD.includes(stat) ? { Statistic: stat as "Average" } : { ExtendedStatistic: stat }),
  };
}
