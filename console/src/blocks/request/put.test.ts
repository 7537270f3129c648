import { expect, it } from "vitest";
import { at, faultOf, nextName, numberIn, pairsOf, pick, put, recordOf } from "./put";

const request = { Name: "a", Config: { Count: 1, Kept: { deep: [1] } } };

it("changes one member and keeps all others", () => {
  expect(put(request, ["Config", "Count"], 2)).toEqual({
    Name: "a",
    Config: { Count: 2, Kept: { deep: [1] } },
  });
  expect(put(request, ["Spot", "Wait"], 60)).toEqual({ ...request, Spot: { Wait: 60 } });
  expect(at(put(request, ["Config", "Count"], 0), ["Config", "Count"])).toBe(0);
  expect(request.Config.Count).toBe(1);
});

it("takes away what is empty, and what held nothing else", () => {
  expect(put(request, ["Name"], "")).toEqual({ Config: request.Config });
  expect(put({ Spot: { Wait: 60 } }, ["Spot", "Wait"], undefined)).toEqual({});
  expect(at(request, ["Config", "Nothing", "There"])).toBeUndefined();
});

it("picks what a request has, too", () => {
  const answer = { Name: "a", Status: "Completed", Role: undefined, At: new Date(0) };
  expect(pick(answer, ["Name", "Role"])).toEqual({ Name: "a" });
});

it("reads names and values both ways", () => {
  expect(pairsOf({ a: "1" })).toEqual([{ name: "a", value: "1" }]);
  expect(
    recordOf([
      { name: "a", value: "" },
      { name: "", value: "x" },
    ]),
  ).toEqual({ a: "" });
});

it.each([
  ['{"Name": "a"}', undefined],
  ['{"Nmae": "a"}', /no Nmae/],
  ["[1]", /object/],
  ["{", /JSON|Expected/],
])("%s", (text, fault) => {
  const found = faultOf(text, ["Name"]);
  if (fault) expect(found).toMatch(fault);
  else expect(found).toBeUndefined();
});

it.each([
  ["train-one", "train-one-2026-11-29-09-05-07"],
  ["train-2026-01-02-03-04-05-678", "train-2026-11-29-09-05-07"],
  ["a".repeat(63), `${"a".repeat(43)}-2026-11-29-09-05-07`],
])("%s is followed by %s", (name, next) =>
  expect(nextName(name, new Date(Date.UTC(2026, 10, 29, 9, 5, 7)))).toBe(next),
);

it.each([
  ["0.5", 0.5],
  ["0.", "0."],
  ["", ""],
  ["x", "x"],
])("%j is %j", (text, value) => expect(numberIn(text)).toBe(value));
