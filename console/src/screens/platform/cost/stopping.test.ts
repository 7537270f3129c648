import { expect, it } from "vitest";
import type { Item } from "./cost";
import { refusesToStop } from "./stopping";

const item = (kind: string, usdPerHour: number | null): Item => ({
  kind,
  name: "it",
  what: "",
  usdPerHour,
  usdThisMonth: 1,
  since: null,
  idle: "",
});

it.each([
  ["endpoint", 0.23, undefined],
  ["instance", null, undefined],
  ["training-job", 0, "it costs nothing now."],
  ["warm-pool", 0.23, "it is a warm pool: stop it on its own page."],
  ["volume", 0.001, "it is a volume: it costs until it is deleted."],
])("%s at %s per hour", (kind, usdPerHour, reason) =>
  expect(refusesToStop(item(kind, usdPerHour))).toBe(reason),
);
