import { expect, it } from "vitest";
import { moved, runtimesOf, shortOf, withLayer } from "./layer";

const layer = (name: string, version: number) =>
  `arn:aws:lambda:us-east-1:123456789012:layer:${name}:${version}`;

it("names a version shortly", () => {
  expect([shortOf(layer("pillow", 3)), shortOf(undefined)]).toEqual(["pillow:3", ""]);
  expect([runtimesOf({}), runtimesOf({ CompatibleRuntimes: ["python3.11", "python3.12"] })]).toEqual([
    "any",
    "python3.11, python3.12",
  ]);
});

it("keeps one version of a layer, and its place", () => {
  const both = [layer("a", 1), layer("b", 1)];
  expect(withLayer(both, layer("a", 2))).toEqual([layer("a", 2), layer("b", 1)]);
  expect(withLayer(both, layer("ab", 1))).toEqual([...both, layer("ab", 1)]);
});

it("moves one, and no further than the ends", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], 2, 1)).toEqual(["a", "c", "b"]);
  expect([moved(["a", "b"], 0, -1), moved(["a", "b"], 1, 2)]).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
});
