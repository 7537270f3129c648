import { expect, test } from "vitest";
import { entriesOf, freeId, keyOf, metricsOf, NoWidget, queriesOf, titlesOf } from "./entries";

const SHORTHAND = [
  ["Shop", "Latency", "Model", "small", { stat: "p99" }],
  ["...", "large", { id: "slow", yAxis: "right" }],
  [".", "Requests", ".", "."],
  [{ expression: "slow / 2", label: "half", id: "m2" }],
  ["Shop", "All", { visible: false, period: 300 }],
];

test("the shorthand of widgets", () => {
  const entries = entriesOf(SHORTHAND);
  expect(entries.map(({ id }) => id)).toEqual(["m1", "slow", "m3", "m2", "m4"]);
  expect(entries.map(({ metric, dimensions }) => [metric, ...dimensions.flat()])).toEqual([
    ["Latency", "Model", "small"],
    ["Latency", "Model", "large"],
    ["Requests", "Model", "large"],
    [""],
    ["All"],
  ]);
  expect(entries.map(({ side, visible }) => `${side} ${visible}`)).toEqual([
    "left true",
    "right true",
    "left true",
    "left true",
    "left false",
  ]);
});

test("what is written is read again", () => {
  const entries = entriesOf(SHORTHAND);
  expect(entriesOf(metricsOf(entries))).toEqual(entries);
});

test("what GetMetricData is asked", () => {
  const asked = queriesOf(entriesOf(SHORTHAND), { stat: "Average", period: 60 });
  expect(asked[0]?.MetricStat).toEqual({
    Metric: { Namespace: "Shop", MetricName: "Latency", Dimensions: [{ Name: "Model", Value: "small" }] },
    Period: 60,
    Stat: "p99",
  });
  expect(asked[3]).toEqual({ Id: "m2", Label: "half", ReturnData: true, Expression: "slow / 2" });
  expect(asked[4]?.MetricStat?.Period).toBe(300);
  expect(asked[4]?.ReturnData).toBe(false);
});

test.each([[[1]], [[["Shop"]]], [[["Shop", "A", "B"]]], [[["...", "x"]]], [[["Shop", 3]]], [[[]]]])(
  "no metrics: %j",
  (metrics) => {
    expect(() => entriesOf(metrics)).toThrow(NoWidget);
  },
);

test("lines are told from one another", () => {
  expect(titlesOf(entriesOf(SHORTHAND))).toEqual([
    "Latency · small · p99",
    "Latency · large · Average",
    "Requests · large · Average",
    "half",
    "All · Average",
  ]);
  const alike = entriesOf([
    ["Shop", "Latency", "Model", "small", "Zone", "a"],
    ["...", "large", "Zone", "a"],
  ]);
  expect(titlesOf(alike)).toEqual(["Latency · small", "Latency · large"]);
});

test("ids and keys", () => {
  expect(freeId([])).toBe("m1");
  expect(entriesOf(undefined)).toEqual([]);
  const key = (dimensions: [string, string][]) => keyOf({ namespace: "a", metric: "b", dimensions });
  expect(
    key([
      ["x", "1"],
      ["y", "2"],
    ]),
  ).toBe(
    key([
      ["y", "2"],
      ["x", "1"],
    ]),
  );
});
