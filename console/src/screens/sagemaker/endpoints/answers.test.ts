import { expect, it } from "vitest";
import { classesIn } from "./answers";
import { faultOf, sharesOf } from "./shares";
import { partsOf } from "./timing";

it.each([
  [
    "the recipe's",
    {
      predictions: [
        {
          class: "7",
          probability: 0.9,
          top: [
            { class: "7", probability: 0.9 },
            { class: "1", probability: 0.1 },
          ],
        },
      ],
    },
    ["7", "1"],
  ],
  [
    "a transformer's",
    [
      [
        { label: "no", score: 0.2 },
        { label: "yes", score: 0.8 },
      ],
    ],
    ["yes", "no"],
  ],
  ["names and numbers", { cat: 0.3, dog: 0.7 }, ["dog", "cat"]],
  ["a row", [[0.1, 0.7, 0.2]], ["1", "2", "0"]],
  ["one class alone", { predictions: [{ class: "a", probability: 1 }] }, ["a"]],
  ["a text", "hello", []],
  ["something else", { id: 7, text: "x" }, []],
  ["nothing", null, []],
  ["mixed", [1, "a"], []],
])("%s", (_, answer, labels) => {
  expect(classesIn(answer).map(({ label }) => label)).toEqual(labels);
});

it("ends in what refers deeper and deeper", () => {
  let deep: unknown = [1, 2];
  for (let index = 0; index < 50; index += 1) deep = { predictions: deep };
  expect(classesIn(deep)).toEqual([]);
});

it("shares traffic by weight", () => {
  expect(sharesOf([{ CurrentWeight: 3 }, { CurrentWeight: 1 }])).toEqual([0.75, 0.25]);
  expect(sharesOf([{ CurrentWeight: 0 }, {}])).toEqual([0, 0]);
});

it.each([
  ["DesiredInstanceCount", "1.5", true],
  ["DesiredInstanceCount", "2", false],
  ["DesiredWeight", "0.25", false],
  ["DesiredWeight", "-1", true],
] as const)("%s may not be %s: %s", (member, value, wrong) =>
  expect(faultOf(member, value) !== undefined).toBe(wrong),
);

it("splits a round trip, and says nothing where the headers are missing", () => {
  const headers = { "x-sagehen-model-ms": "30.5", "x-sagehen-overhead-ms": "1.5" };
  expect(partsOf(40, headers)).toEqual({ model: 30.5, overhead: 1.5, client: 8 });
  expect(partsOf(40, {})).toBeUndefined();
});
