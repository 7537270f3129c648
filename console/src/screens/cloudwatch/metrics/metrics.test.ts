import { expect, test } from "vitest";
import { familiesOf } from "./metrics";

test("namespaces and their sets of dimensions", () => {
  const metric = (Namespace: string, MetricName: string, ...names: string[]) => ({
    Namespace,
    MetricName,
    Dimensions: names.map((Name) => ({ Name, Value: "1" })),
  });
  const families = familiesOf([
    metric("b", "x", "B", "A"),
    metric("b", "y", "A", "B"),
    metric("b", "z"),
    metric("a", "x", "A"),
  ]);
  expect([...families.keys()]).toEqual(["a", "b"]);
  expect(families.get("b")?.map(({ names, metrics }) => [names.join(), metrics.length])).toEqual([
    ["", 1],
    ["A,B", 2],
  ]);
});
