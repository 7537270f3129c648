import { expect, it } from "vitest";
import { curvesOf, lostOf, perMonth } from "./found";
import { FIRST, NO_CANDIDATE, planOf, trafficOf } from "./plan";

it("writes a plan of an endpoint, with what is filled in alone", () => {
  expect(planOf(FIRST)).toEqual({
    traffic: FIRST.traffic,
    endpoint: {
      instance_type: "ml.m5.large",
      service_time: { p50: "350ms", p99: "900ms" },
      concurrency: 1,
      startup: "4m",
    },
    candidates: [
      { name: "one", instances: 1 },
      { name: "follows", target: 40, min: 1, max: 6 },
    ],
    objective: "p99 <= 5s",
  });
});

it("writes a plan of a function, and leaves the search its candidates", () => {
  const plan = planOf({
    ...FIRST,
    site: "function",
    candidates: [{ ...NO_CANDIDATE, fixed: "2", reserved: "4" }],
  });
  expect(plan.function).toEqual({
    memory: "1024MB",
    duration: { p50: "350ms", p99: "900ms" },
    cold_start: "1200ms",
  });
  expect(plan.candidates).toEqual([{ provisioned: 2, reserved: 4 }]);
  expect(planOf({ ...FIRST, candidates: [] })).not.toHaveProperty("candidates");
});

it("makes traffic of what was recorded", () => {
  const x = new Date();
  expect(
    trafficOf(
      [
        { x, y: 300 },
        { x, y: 300 },
        { x, y: 100 },
      ],
      300,
    ),
  ).toBe("1 for 10m, 0.333 for 5m");
});

it("reckons with what came out", () => {
  expect(perMonth({ dollars: 1 }, 3600)).toBe(720);
  const requests = { arrived: 100, throttled: 1, overloaded: 2, timed_out: 1, cold_starts: 9 };
  expect(lostOf({ requests })).toBe(0.04);
  expect(lostOf({ requests: { ...requests, arrived: 0 } })).toBe(0);
  const point = { seconds: 120, rate: 3, desired: 2, serving: 1, p50_ms: 10, p99_ms: 20 };
  expect(curvesOf([point]).capacity.map(({ points }) => points[0])).toEqual([
    { x: 2, y: 2 },
    { x: 2, y: 1 },
  ]);
});
