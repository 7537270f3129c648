import type { CompositeAlarm, MetricAlarm } from "@aws-sdk/client-cloudwatch";

export type Alarm = MetricAlarm & CompositeAlarm;

const SIGNS: Record<string, string> = {
  GreaterThanOrEqualToThreshold: ">=",
  GreaterThanThreshold: ">",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "<=",
};

/** `Sum of Errors > 3, 2 of 5 × 1 min`: when an alarm rings, in a line. */
export function conditionOf(alarm: Alarm): string {
  if (alarm.AlarmRule) return alarm.AlarmRule;
  const what = alarm.MetricName
    ? `${alarm.Statistic ?? alarm.ExtendedStatistic ?? ""} of ${alarm.MetricName}`
    : (alarm.Metrics?.find((metric) => metric.ReturnData)?.Expression ?? "a metric");
  const sign = SIGNS[alarm.ComparisonOperator ?? ""] ?? alarm.ComparisonOperator;
  const periods = alarm.EvaluationPeriods ?? 1;
  const enough = alarm.DatapointsToAlarm ?? periods;
  const times = enough === periods ? `${periods}` : `${enough} of ${periods}`;
  const period =
    alarm.Period === undefined
      ? ""
      : alarm.Period % 60 === 0
        ? ` × ${alarm.Period / 60} min`
        : ` × ${alarm.Period} s`;
  return `${what} ${sign} ${alarm.Threshold ?? "?"}, ${times}${period}`;
}
