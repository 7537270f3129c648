import { expect, it } from "vitest";
import { pauseOf } from "./pause";

it.each([
  ["something that changes is looked at closely", 600_000, true, 0, 1_500],
  ["news of now", 0, false, 0, 2_500],
  ["a tenth of the time without news", 120_000, false, 0, 12_000],
  ["yesterday's", 86_400_000, false, 0, 30_000],
  ["a failure", 0, true, 1_000, 1_500],
  ["half the time of failures", 0, false, 20_000, 10_000],
  ["a platform that is down", 0, true, 3_600_000, 30_000],
])("%s", (_, unchanged, changing, failing, pause) => {
  expect(pauseOf(unchanged, changing, failing)).toBe(pause);
});
