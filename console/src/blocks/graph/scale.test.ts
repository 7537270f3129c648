import { expect, test } from "vitest";
import { domainOf, placeIn, shortNumber, stackOf, ticksOf, timesOf } from "./scale";

test("places", () => {
  expect(placeIn([0, 10], [100, 0])(2.5)).toBe(75);
  expect(placeIn([3, 3], [0, 100])(3)).toBe(50);
});

test.each([
  [[0, 10], 5, [0, 2, 4, 6, 8, 10]],
  [[0, 1], 4, [0, 0.5, 1]],
  [[-3, 3], 3, [-2, 0, 2]],
  [[0.1, 0.34], 4, [0.1, 0.2, 0.3]],
  [[5, 5], 4, [5]],
  [[0, Number.POSITIVE_INFINITY], 4, [0]],
] as const)("ticks of %j, at most %i", (domain, count, ticks) => {
  expect(ticksOf(domain, count)).toEqual(ticks);
});

test.each([
  [[1, 9], {}, [0, 9.72]],
  [[100, 101], {}, [99.92, 101.08]],
  [[], {}, [0, 1.08]],
  [[7], {}, [6.3, 7.7]],
  [[-4, -1], {}, [-4.32, 0]],
  [[1, 9], { min: 2, max: 5 }, [2, 5]],
  [[1, 9], { min: 20, max: 5 }, [20, 21]],
] as const)("the axis of %j with %j", (values, wish, domain) => {
  expect(domainOf([...values], wish).map((value) => Number(value.toFixed(6)))).toEqual(domain);
});

test("times are whole, and not too many", () => {
  const from = new Date(2026, 10, 29, 10, 7).getTime();
  const times = timesOf(from, from + 3 * 3_600_000, 6);
  expect(times.map((at) => new Date(at).getMinutes() % 30)).toEqual(times.map(() => 0));
  expect(times.length).toBe(6);
  expect(timesOf(from, from + 365 * 86_400_000, 8).length).toBeLessThan(14);
});

test("stacked", () => {
  const line = (...ys: number[]) => ({ points: ys.map((y, x) => ({ x, y })) });
  expect(stackOf([line(1, 2), line(3, 4)])[1]).toEqual([
    { x: 0, low: 1, high: 4 },
    { x: 1, low: 2, high: 6 },
  ]);
});

test("numbers in few characters", () => {
  expect([0, 12.3456, 12_345, 4.5e6, 0.00001, -2e9].map(shortNumber)).toEqual([
    "0",
    "12.35",
    "12.35k",
    "4.5M",
    "1.0e-5",
    "-2G",
  ]);
});
