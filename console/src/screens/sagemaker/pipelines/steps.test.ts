import { describe, expect, it } from "vitest";
import { nodesOf, read } from "./steps";

const definition = JSON.stringify({
  Parameters: [{ Name: "N", Type: "Integer", DefaultValue: 1 }],
  Steps: [
    { Name: "A", Type: "Processing", Arguments: {} },
    { Name: "B", Type: "Training", Arguments: { x: [{ y: { Get: "Steps.A.Out['a'].Uri" } }] } },
    {
      Name: "If",
      Type: "Condition",
      Arguments: {
        Conditions: [{ LeftValue: { Get: "Steps.B.Metric" } }],
        IfSteps: [{ Name: "Yes", Type: "Model", Arguments: { m: { Get: "Steps.B.Model" } } }],
        ElseSteps: [{ Name: "No", Type: "Fail" }],
      },
    },
    { Name: "C", Type: "Training", DependsOn: ["Yes"] },
  ],
});

describe("the steps of a definition", () => {
  it("wait for what they refer to, and for the condition that they are a branch of", () => {
    expect(nodesOf(read(definition)).map(({ name, needs }) => [name, needs.join()])).toEqual([
      ["A", ""],
      ["B", "A"],
      ["If", "B"],
      ["Yes", "B,If"],
      ["No", "If"],
      ["C", "Yes"],
    ]);
  });

  it("are none of what is no definition", () => {
    expect(nodesOf(read("{"))).toEqual([]);
    expect(nodesOf(read(undefined))).toEqual([]);
  });
});
