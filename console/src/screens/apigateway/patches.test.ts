import { expect, it } from "vitest";
import { mapOf, mapPatches, valuePatches } from "./patches";

it("makes one map of another, with names escaped", () => {
  const before = { "application/json": "a", "text/plain": "b", same: "c" };
  expect(
    mapPatches("/requestTemplates", before, { "application/json": "z", "x~y": "new", same: "c" }),
  ).toEqual([
    { op: "remove", path: "/requestTemplates/text~1plain" },
    { op: "replace", path: "/requestTemplates/application~1json", value: "z" },
    { op: "add", path: "/requestTemplates/x~0y", value: "new" },
  ]);
  expect(mapPatches("/requestTemplates", before, before)).toEqual([]);
});

it("leaves alone what nobody set", () => {
  expect(valuePatches({ "/uri": "a" }, { "/uri": "b", "/credentials": "" })).toEqual([
    { op: "replace", path: "/uri", value: "b" },
  ]);
  expect(valuePatches({ "/credentials": "r" }, { "/credentials": "" })).toEqual([
    { op: "replace", path: "/credentials", value: "" },
  ]);
});

it("reads rows, and none of one without a name", () => {
  expect(
    mapOf([
      [" k ", "1"],
      ["", "2"],
    ]),
  ).toEqual({ k: "1" });
});
