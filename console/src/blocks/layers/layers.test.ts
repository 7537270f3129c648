import { describe, expect, it } from "vitest";
import { direct, layersOf } from "./layers";

const nodes = [
  { name: "endpoint", needs: ["model", "image", "other"] },
  { name: "model", needs: ["job"] },
  { name: "job", needs: ["data", "image"] },
  { name: "data", needs: [] },
  { name: "image", needs: ["gone"] },
  { name: "other", needs: [] },
];

describe("what follows what", () => {
  it("stands below all that it needs, and near what needs it where it needs nothing", () => {
    const layers = { endpoint: 3, model: 2, job: 1, data: 0, image: 0, other: 2 };
    expect(Object.fromEntries(layersOf(nodes))).toEqual(layers);
  });

  it("is joined to those alone that nobody between them needs", () => {
    expect(nodes.map((node) => direct(nodes, node).join())).toEqual([
      "model,other",
      "job",
      "data,image",
      "",
      "gone",
      "",
    ]);
  });

  it("is drawn where it goes in a circle, too", () => {
    const circle = [
      { name: "a", needs: ["b"] },
      { name: "b", needs: ["a"] },
    ];
    expect(layersOf(circle).size).toBe(2);
    expect(circle.map((node) => direct(circle, node))).toEqual([[], []]);
  });
});
