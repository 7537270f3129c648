import { expect, test } from "vitest";
import { entriesOf } from "../widgets/entries";
import { type AlarmForm, alarmOf } from "./alarm";

const FORM: AlarmForm = {
  name: "slow",
  operator: "GreaterThanThreshold",
  threshold: "36",
  periods: "3",
  enough: "2",
  missing: "missing",
  period: "60",
  action: "",
};
const entries = entriesOf([
  ["Shop", "Latency", "Model", "small", { stat: "p99" }],
  ["Shop", "Requests", { stat: "Sum", period: 300 }],
  [{ expression: "m1 / m2", id: "e1" }],
]);
const [percentile, sum, expression] = entries;

test("alarms of a metric and of an expression", () => {
  if (!percentile || !sum || !expression) throw new Error();
  expect(alarmOf(FORM, percentile, entries)).toMatchObject({
    MetricName: "Latency",
    ExtendedStatistic: "p99",
    Period: 60,
    DatapointsToAlarm: 2,
  });
  expect(alarmOf({ ...FORM, action: "arn" }, sum, entries)).toMatchObject({
    Statistic: "Sum",
    AlarmActions: ["arn"],
  });
  const asked = alarmOf(FORM, expression, entries);
  expect(asked.Metrics?.map(({ Id, ReturnData }) => `${Id} ${ReturnData}`)).toEqual([
    "m1 false",
    "m2 false",
    "e1 true",
  ]);
  expect(asked.Metrics?.[1]?.MetricStat?.Period).toBe(60);
  expect(asked.MetricName).toBeUndefined();
});
