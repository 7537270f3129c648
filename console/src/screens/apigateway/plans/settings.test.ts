import { expect, it } from "vitest";
import { limitsOf, patchesOf, quotaOf, throttleOf } from "./settings";

it("says limits in words", () => {
  expect(throttleOf({ rateLimit: 2, burstLimit: 5 })).toBe("2/s, bursts of 5");
  expect(throttleOf(undefined)).toBe("none");
  expect(quotaOf({ limit: 1000, period: "WEEK" })).toBe("1000 a week");
  expect(quotaOf({})).toBe("none");
});

it("changes only what is another", () => {
  const before = limitsOf({
    throttle: { rateLimit: 2, burstLimit: 5 },
    quota: { limit: 10, period: "DAY" },
  });
  expect(patchesOf(before, { ...before })).toEqual([]);
  expect(patchesOf(before, { ...before, burst: "8" })).toEqual([
    { op: "replace", path: "/throttle/rateLimit", value: "2" },
    { op: "replace", path: "/throttle/burstLimit", value: "8" },
  ]);
  expect(patchesOf(before, { ...before, rate: "", burst: "", quota: "" })).toEqual([
    { op: "remove", path: "/throttle" },
    { op: "remove", path: "/quota" },
  ]);
  expect(patchesOf(before, { ...before, period: "MONTH" })).toEqual([
    { op: "replace", path: "/quota/limit", value: "10" },
    { op: "replace", path: "/quota/period", value: "MONTH" },
  ]);
  const none = limitsOf({});
  expect(patchesOf(none, { ...none, period: "WEEK" })).toEqual([]);
});
