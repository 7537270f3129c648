import { expect, it } from "vitest";
import { actionOf, formOf, isActionForm, momentOf, toldOf, written, zones } from "./form";

const NOW = new Date("2026-11-29T12:10:00Z");
const target = {
  ServiceNamespace: "lambda" as const,
  ResourceId: "function:f:live",
  ScalableDimension: "lambda:function:ProvisionedConcurrency" as const,
  MinCapacity: 1,
  MaxCapacity: 9,
} as never;

it("begins with the target's own bounds", () => {
  const form = formOf(undefined, target, NOW);
  expect([form.least, form.most, form.schedule.kind]).toEqual(["1", "9", "cron"]);
  expect(isActionForm(form, NOW)).toBe(false);
  expect(isActionForm({ ...form, name: "morning" }, NOW)).toBe(true);
  expect(isActionForm({ ...form, name: "morning", least: "", most: "" }, NOW)).toBe(false);
  expect(isActionForm({ ...form, name: "morning", most: "1.5" }, NOW)).toBe(false);
});

it("writes what was read", () => {
  const action = {
    ScheduledActionName: "night",
    Schedule: "rate(2 hours)",
    Timezone: "Asia/Kolkata",
    ScalableTargetAction: { MaxCapacity: 2 },
    StartTime: new Date("2026-12-01T10:00:00Z"),
  } as never;
  expect(actionOf(formOf(action, target, NOW), target)).toEqual({
    ServiceNamespace: "lambda",
    ResourceId: "function:f:live",
    ScalableDimension: "lambda:function:ProvisionedConcurrency",
    ScheduledActionName: "night",
    Schedule: "rate(2 hours)",
    Timezone: "Asia/Kolkata",
    StartTime: new Date("2026-12-01T10:00:00Z"),
    EndTime: undefined,
    ScalableTargetAction: { MinCapacity: undefined, MaxCapacity: 2 },
  });
});

it("tells the next times, or why there is none", () => {
  const form = { ...formOf(undefined, target, NOW), zone: "UTC" };
  expect(toldOf(form, NOW).times.map((time) => time.toISOString())[0]).toBe("2026-11-30T08:00:00.000Z");
  const at = (text: string) => ({ ...form, schedule: { ...form.schedule, kind: "at" as const, at: text } });
  expect(toldOf(at("2020-01-01 00:00"), NOW).fault).toContain("over");
  expect(toldOf(at("tomorrow"), NOW).fault).toContain("A date is written");
  expect(toldOf({ ...form, end: "soon" }, NOW).fault).toContain("A date is written");
  expect(toldOf({ ...form, schedule: { ...form.schedule, cron: "99 8 ? * * *" } }, NOW).fault).toBeTruthy();
});

it("reads the dates that it writes", () => {
  expect(momentOf(written(NOW))?.getTime()).toBe(NOW.getTime());
  expect([momentOf(""), momentOf("x"), momentOf("2026-13-45 09:00")]).toEqual([undefined, null, null]);
  expect(zones()).toContain("UTC");
});
