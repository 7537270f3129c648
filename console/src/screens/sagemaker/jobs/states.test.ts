import { expect, it } from "vitest";
import { phasesBetween, tookMs } from "./states";

const at = (seconds: number) => new Date(seconds * 1000);
const shape = (times: { started?: number; ended?: number }, status: string, why?: string) =>
  phasesBetween(
    {
      created: at(100),
      started: times.started === undefined ? undefined : at(times.started),
      ended: times.ended === undefined ? undefined : at(times.ended),
    },
    "Processing",
    status,
    why,
    160_000,
  ).map(({ status: name, milliseconds, open, message }) => [name, milliseconds, open, message]);

it.each([
  ["waits", {}, "InProgress", [["Starting", 60_000, true, undefined]]],
  [
    "works",
    { started: 110 },
    "InProgress",
    [
      ["Starting", 10_000, false, undefined],
      ["Processing", 50_000, true, undefined],
    ],
  ],
  [
    "is done",
    { started: 110, ended: 130 },
    "Completed",
    [
      ["Starting", 10_000, false, undefined],
      ["Processing", 20_000, false, undefined],
      ["Completed", 0, false, undefined],
    ],
  ],
  [
    "never started",
    { ended: 130 },
    "Stopped",
    [
      ["Starting", 30_000, false, undefined],
      ["Stopped", 0, false, undefined],
    ],
  ],
])("tells the phases of a job that %s", (_, times, status, phases) => {
  expect(shape(times, status)).toEqual(phases);
});

it("tells why a job failed where its line ends", () => {
  expect(shape({ started: 110, ended: 120 }, "Failed", "no room").at(-1)).toEqual([
    "Failed",
    0,
    false,
    "no room",
  ]);
});

it("tells nothing of what was never created", () => {
  const times = { created: undefined, started: undefined, ended: undefined };
  expect(phasesBetween(times, "Processing", "InProgress", undefined, 0)).toEqual([]);
  expect(tookMs(undefined, at(1), 0)).toBeUndefined();
  expect(tookMs(at(100), undefined, 160_000)).toBe(60_000);
  expect(tookMs(at(100), at(130), 160_000)).toBe(30_000);
});
