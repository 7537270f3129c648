import { expect, it } from "vitest";
import { trafficOf } from "./traffic";

it.each([
  [{ FunctionVersion: "3" }, "3"],
  [{ FunctionVersion: "3", RoutingConfig: { AdditionalVersionWeights: {} } }, "3"],
  [{ FunctionVersion: "1", RoutingConfig: { AdditionalVersionWeights: { "2": 0.1 } } }, "1: 90 %, 2: 10 %"],
  [
    { FunctionVersion: "1", RoutingConfig: { AdditionalVersionWeights: { "2": 0.005 } } },
    "1: 99.5 %, 2: 0.5 %",
  ],
])("%o", (alias, text) => {
  expect(trafficOf(alias)).toBe(text);
});
