import { expect, test } from "vitest";
import { entriesOfAlarm, sharesOf, statesOf } from "./states";

const change = (at: number, before: string, after: string) => ({
  Timestamp: new Date(at),
  HistoryData: JSON.stringify({ oldState: { stateValue: before }, newState: { stateValue: after } }),
});
const words = (bands: ReturnType<typeof statesOf>) =>
  bands.map(({ title, from, until }) => `${title} ${from}-${until}`);

test("states between two times", () => {
  const items = [
    change(60, "ALARM", "OK"),
    change(20, "OK", "ALARM"),
    { HistoryData: "{" },
    { Timestamp: new Date(30) },
  ];
  const bands = statesOf(items, "OK", 10, 100);
  expect(words(bands)).toEqual(["OK 10-20", "ALARM 20-60", "OK 60-100"]);
  expect(sharesOf(bands)).toBe("OK 56 %, ALARM 44 %");
});

test("nothing has changed, or before the time", () => {
  expect(words(statesOf([], "ALARM", 10, 100))).toEqual(["ALARM 10-100"]);
  expect(words(statesOf([change(5, "OK", "ALARM")], "ALARM", 10, 100))).toEqual(["ALARM 10-100"]);
  expect(words(statesOf([change(200, "OK", "ALARM")], "OK", 10, 100))).toEqual(["OK 10-100"]);
  expect(statesOf([], "", 10, 100)).toEqual([]);
});

test("what an alarm is drawn of", () => {
  expect(
    entriesOfAlarm({ MetricName: "Errors", Namespace: "AWS/Lambda", Statistic: "Sum", Period: 60 }),
  ).toMatchObject([{ id: "m1", metric: "Errors", stat: "Sum", period: 60 }]);
  const math = entriesOfAlarm({
    Metrics: [
      { Id: "e1", Expression: "m1 * 2" },
      { Id: "m1", ReturnData: false, MetricStat: { Metric: { MetricName: "x" }, Stat: "p99", Period: 300 } },
    ],
  });
  expect(math.map(({ id, visible, expression }) => [id, visible, expression])).toEqual([
    ["e1", true, "m1 * 2"],
    ["m1", false, undefined],
  ]);
});
