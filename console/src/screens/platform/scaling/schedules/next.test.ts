import { describe, expect, it } from "vitest";
import { cronerOf, expressionOf, inZone, nextTimes, scheduleOf } from "./next";

const NOW = new Date("2026-11-29T12:00:00Z"); // a Sunday
const iso = (times: Date[]) => times.map((time) => time.toISOString().slice(0, 16));

describe("an expression", () => {
  it.each([
    ["at(2026-11-30T09:05:00)", "2026-11-30 9:05"],
    ["at(2026-11-30T09:05:30)", "2026-11-30T09:05:30"],
  ])("%s is of %s", (expression, at) => {
    expect(expressionOf({ ...scheduleOf("rate(1 hour)"), kind: "at", at })).toBe(expression);
  });

  it.each(["rate(1 hour)", "rate(15 minutes)", "cron(0 8 ? * MON-FRI *)", "at(2026-11-30T09:05:00)"])(
    "%s comes back from the form",
    (expression) => expect(expressionOf(scheduleOf(expression))).toBe(expression),
  );

  it("is none where something is missing", () => {
    expect(expressionOf({ ...scheduleOf("rate(1 hour)"), count: "0" })).toBeUndefined();
    expect(expressionOf({ ...scheduleOf("rate(1 hour)"), kind: "at", at: "soon" })).toBeUndefined();
    expect(expressionOf({ ...scheduleOf(""), kind: "cron", cron: "0 8 * * *" })).toBeUndefined();
  });
});

describe("the next times", () => {
  // What the platform's own reading (croniter) says of the same expressions at the same moment.
  it.each([
    ["cron(0 8 ? * MON-FRI *)", "UTC", ["2026-11-30T08:00", "2026-12-01T08:00", "2026-12-02T08:00"]],
    ["cron(0 8 ? * 2-6 *)", "UTC", ["2026-11-30T08:00", "2026-12-01T08:00", "2026-12-02T08:00"]],
    ["cron(30 9 L * ? *)", "Europe/Berlin", ["2026-11-30T08:30", "2026-12-31T08:30", "2027-01-31T08:30"]],
    ["cron(0 12 ? * 6L *)", "UTC", ["2026-12-25T12:00", "2027-01-29T12:00", "2027-02-26T12:00"]],
    ["cron(0 0 1 1 ? 2028)", "UTC", ["2028-01-01T00:00"]],
    ["cron(0/30 * * * ? *)", "UTC", ["2026-11-29T12:30", "2026-11-29T13:00", "2026-11-29T13:30"]],
    ["cron(0 0 1 1 ? 2020)", "UTC", []],
    ["cron(0 9 15W * ? *)", "UTC", ["2026-12-15T09:00", "2027-01-15T09:00", "2027-02-15T09:00"]],
    ["cron(0 9 ? * 2#1 *)", "UTC", ["2026-12-07T09:00", "2027-01-04T09:00", "2027-02-01T09:00"]],
    ["cron(0 9 ? * SUN-MON *)", "UTC", ["2026-11-30T09:00", "2026-12-06T09:00", "2026-12-07T09:00"]],
    ["rate(1 day)", "UTC", ["2026-11-30T12:00", "2026-12-01T12:00", "2026-12-02T12:00"]],
    ["at(2026-11-30T09:00:00)", "America/New_York", ["2026-11-30T14:00"]],
    ["at(2026-11-28T09:00:00)", "UTC", []],
  ])("%s in %s", (expression, zone, times) => {
    expect(iso(nextTimes(expression, zone, NOW))).toEqual(times);
  });

  it("begin at the start and end at the end", () => {
    const start = new Date("2026-12-01T10:00:00Z");
    expect(iso(nextTimes("cron(0 8 ? * * *)", "UTC", NOW, { start }))).toEqual([
      "2026-12-01T10:00",
      "2026-12-02T08:00",
      "2026-12-03T08:00",
    ]);
    expect(
      iso(nextTimes("rate(1 day)", "UTC", NOW, { start, end: new Date("2026-12-02T10:00:00Z") })),
    ).toEqual(["2026-12-01T10:00", "2026-12-02T10:00"]);
  });

  it("are counted from the start, or from when it was made", () => {
    const before = new Date("2026-11-29T11:50:00Z");
    const counted = ["2026-11-29T12:05", "2026-11-29T12:20", "2026-11-29T12:35"];
    expect(iso(nextTimes("rate(15 minutes)", "UTC", NOW, { start: before }))).toEqual(counted);
    expect(iso(nextTimes("rate(15 minutes)", "UTC", NOW, { made: before }))).toEqual(counted);
    // A page's clock may be behind the platform's by some seconds: what was just made has not begun because of it.
    const made = new Date(NOW.getTime() + 9_000);
    expect(iso(nextTimes("cron(0 8 ? * * *)", "UTC", NOW, { made }))[0]).toBe("2026-11-30T08:00");
  });
});

it("says what is wrong with cron's fields", () => {
  expect(() => cronerOf("0 8 * * *")).toThrow("Six fields");
  expect(() => cronerOf("0 8 * * * *")).toThrow("must be ?");
  expect(() => nextTimes("cron(99 8 ? * * *)", "UTC", NOW)).toThrow();
});

it("tells a time as a clock there shows it", () => {
  expect(inZone(NOW, "Asia/Kolkata")).toBe("Sun 2026-11-29 17:30");
  expect(inZone(new Date("2026-11-29T00:00:00Z"), "UTC")).toBe("Sun 2026-11-29 00:00");
});
