import { expect, it } from "vitest";
import { type Form, faultsOf, formOf, inputOf, isForm } from "./filter";

it("writes what it has read", () => {
  const filter = {
    filterName: "slow",
    filterPattern: "{ $.ms >= 500 }",
    metricTransformations: [
      {
        metricNamespace: "Shop",
        metricName: "Slow",
        metricValue: "$.ms",
        unit: "Milliseconds" as const,
        dimensions: { Path: "$.path" },
      },
    ],
  };
  expect(inputOf("/aws/lambda/shop", formOf(filter, ""))).toEqual({
    logGroupName: "/aws/lambda/shop",
    ...filter,
  });
});

it("begins as a count of errors", () => {
  const form = formOf(undefined, "/aws/lambda/shop");
  expect([form.namespace, form.metric, form.value]).toEqual(["shop", "Errors", "1"]);
  expect([isForm(form), isForm({ ...form, name: "errors" })]).toEqual([false, true]);
  expect(inputOf("g", { ...form, name: "e", otherwise: "0" }).metricTransformations?.[0]?.defaultValue).toBe(
    0,
  );
});

it.each<[Partial<Form>, string]>([
  [{ value: "many" }, "The value is"],
  [{ otherwise: "x" }, "The default is"],
  [{ otherwise: "0", dimensions: [["a", "$.a"]] }, "no default"],
  [{ dimensions: ["a", "b", "c", "d"].map((name) => [name, "$.x"] as const) }, "three"],
])("knows what CloudWatch takes: %j", (part, said) => {
  expect(faultsOf({ ...formOf(undefined, "g"), ...part })[0]).toContain(said);
});
