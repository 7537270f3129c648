import { expect, it } from "vitest";
import { filledIn, headersIn, placeholders } from "./request";

it("asks for what a path leaves open", () => {
  expect(placeholders("/a/{model}/b/{rest+}")).toEqual(["model", "rest"]);
  expect(placeholders("/a")).toEqual([]);
});

it("puts values into a path", () => {
  expect(filledIn("/a/{model}/b/{rest+}", { model: "x/y z", rest: "1/2 3" })).toBe("/a/x%2Fy%20z/b/1/2%203");
  expect(filledIn("/a/{model}", {})).toBe("/a/");
});

it("reads headers a line each", () => {
  expect(headersIn("Accept: a\nAccept: b\n\nno header\nX-Time: 10:30")).toEqual({
    Accept: ["a", "b"],
    "X-Time": ["10:30"],
  });
});
