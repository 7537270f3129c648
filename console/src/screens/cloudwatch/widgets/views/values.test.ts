import { expect, it } from "vitest";
import { arcTo, pointAt, shareOf, sharesOf, sparkOf, valuesOf, wholePeriod } from "./values";

const line = (id: string, ...ys: number[]) => ({
  id,
  title: id,
  color: "#000",
  side: "left" as const,
  points: ys.map((y, x) => ({ x, y })),
});

it("takes the last number of each line", () => {
  expect(valuesOf({ lines: [line("a", 1, 2), line("b")] }).map(({ value }) => value)).toEqual([2, undefined]);
});

it("makes a pie of what is above zero", () => {
  const shares = sharesOf(
    valuesOf({ lines: [line("a", 1), line("b", 3), line("c", 0), line("d", -2), line("e")] }),
  );
  expect(shares.map(({ id, percent }) => [id, percent])).toEqual([
    ["a", 25],
    ["b", 75],
  ]);
  expect(sharesOf([])).toEqual([]);
});

it("draws a gauge from left to right, and no further", () => {
  expect([pointAt(0), pointAt(0.5), pointAt(1)]).toEqual([
    { x: 20, y: 100 },
    { x: 100, y: 20 },
    { x: 180, y: 100 },
  ]);
  expect(arcTo(0.5)).toBe("M20 100A80 80 0 0 1 100 20");
  expect([shareOf(5, 0, 10), shareOf(-1, 0, 10), shareOf(99, 0, 10), shareOf(1, 1, 1)]).toEqual([
    0.5, 0, 1, 0,
  ]);
});

it("draws a number's time", () => {
  expect(
    sparkOf([
      { x: 0, y: 0 },
      { x: 10, y: 5 },
    ]),
  ).toBe("M0.0 22.0L100.0 2.0");
  expect(
    sparkOf([
      { x: 0, y: 7 },
      { x: 10, y: 7 },
    ]),
  ).toBe("M0.0 12.0L100.0 12.0");
  expect(sparkOf([{ x: 0, y: 7 }])).toBe("");
});

it("has a period for the whole of a range", () => {
  expect(wholePeriod(0, 3 * 3_600_000)).toBe(4 * 3600);
  expect(wholePeriod(0, 90_000)).toBe(3720);
});
