import { expect, it } from "vitest";
import { linesOf, numbersAmong, numbersOf, reportsOf, shortened } from "./metrics";

it("finds the numbers of a report by the way to them", () => {
  const report = {
    regression_metrics: { mse: { value: 4.9, standard_deviation: 0.2 }, curve: [1, 2] },
    version: 0,
    note: "fine",
    nothing: null,
    bad: Number.NaN,
  };
  expect(numbersOf(report)).toEqual({
    "regression_metrics.mse": 4.9,
    "regression_metrics.mse.standard_deviation": 0.2,
    version: 0,
  });
  expect(numbersOf("text")).toEqual({});
});

it("ends with reports that are deep or large", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 10_000; level++) deep = { deep };
  expect(numbersOf(deep)).toEqual({});
  const large = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`n${index}`, index]));
  expect(Object.keys(numbersOf(large))).toHaveLength(100);
});

it("takes the properties that are numbers", () => {
  expect(numbersAmong({ accuracy: "0.9", team: "red", empty: "" })).toEqual({ accuracy: 0.9 });
  expect(numbersAmong(undefined)).toEqual({});
});

it("puts versions side by side", () => {
  expect(linesOf([{ mse: 2, auc: 0.5 }, { mse: 1 }, {}])).toEqual([
    { name: "auc", values: [0.5, undefined, undefined] },
    { name: "mse", values: [2, 1, undefined] },
  ]);
});

it("knows where a version's reports are", () => {
  const statistics = { ContentType: "application/json", S3Uri: "s3://b/quality.json" };
  expect(reportsOf({ ModelMetrics: { ModelQuality: { Statistics: statistics }, Bias: {} } })).toEqual([
    "s3://b/quality.json",
  ]);
  expect(reportsOf({})).toEqual([]);
});

it("shortens numbers", () => {
  expect([0.123456, 12, 1234.5678, 0.00001234].map(shortened)).toEqual([
    "0.1235",
    "12",
    "1235",
    "0.00001234",
  ]);
});
