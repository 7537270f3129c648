import { describe, expect, it } from "vitest";
import { direct, nodesOf, read } from "./steps";

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
  it("stand below all that they need", () => {
    const placed = nodesOf(read(definition)).map(({ name, layer, needs }) => [name, layer, needs.join()]);
    expect(placed).toEqual([
      ["A", 0, ""],
      ["B", 1, "A"],
      ["If", 2, "B"],
      ["Yes", 3, "B,If"],
      ["No", 3, "If"],
      ["C", 4, "Yes"],
    ]);
  });

  it("are drawn below those alone that nobody between them waits for", () => {
    const nodes = nodesOf(read(definition));
    expect(nodes.map((node) => direct(nodes, node).join())).toEqual(["", "A", "B", "If", "If", "Yes"]);
  });

  it("are none of what is no definition", () => {
    expect(nodesOf(read("{"))).toEqual([]);
    expect(nodesOf(read(undefined))).toEqual([]);
  });
});
