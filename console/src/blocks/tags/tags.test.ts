import { expect, it } from "vitest";
import { changesOf, mapOf, tagsOf } from "./tags";

it("touches only what differs", () => {
  expect(changesOf({ team: "a", old: "x", same: "1" }, { team: "b", same: "1", new: "" })).toEqual({
    put: [
      { Key: "team", Value: "b" },
      { Key: "new", Value: "" },
    ],
    gone: ["old"],
  });
  expect(changesOf({ a: "1" }, { a: "1" })).toEqual({ put: [], gone: [] });
});

it("reads what AWS tells, and what a form has", () => {
  expect(mapOf([{ Key: "a", Value: "1" }, { Key: "b" }])).toEqual({ a: "1", b: "" });
  expect(mapOf(undefined)).toEqual({});
  expect(
    tagsOf([
      ["", "x"],
      [" a ", "1"],
      ["a", "2"],
    ]),
  ).toEqual({ a: "2" });
});
