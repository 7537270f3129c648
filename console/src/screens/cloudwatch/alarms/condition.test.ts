import { expect, it } from "vitest";
import { type Alarm, conditionOf } from "./condition";

const alarm = (members: object) => members as Alarm;

it.each([
  [
    alarm({
      MetricName: "Errors",
      Statistic: "Sum",
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 3,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 2,
      Period: 60,
    }),
    "Sum of Errors > 3, 2 of 5 × 1 min",
  ],
  [
    alarm({
      MetricName: "Duration",
      ExtendedStatistic: "p99",
      ComparisonOperator: "LessThanThreshold",
      Threshold: 0.5,
      EvaluationPeriods: 3,
      Period: 10,
    }),
    "p99 of Duration < 0.5, 3 × 10 s",
  ],
  [alarm({ AlarmRule: "ALARM(a) AND ALARM(b)" }), "ALARM(a) AND ALARM(b)"],
  [
    alarm({
      Metrics: [{ Id: "m" }, { Id: "e", Expression: "m / 2", ReturnData: true }],
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 1,
    }),
    "m / 2 > 1, 1",
  ],
])("%#", (one, text) => expect(conditionOf(one)).toBe(text));
