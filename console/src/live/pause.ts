/** Between two looks at something that is changing: a job that runs, an endpoint that is being made. */
const CHANGING_MS = 1_500;
const SHORTEST_MS = 2_500;
const LONGEST_MS = 30_000;

/**
 * How long to wait until the next look.
 *
 * The longer nothing has changed the longer the pause: a tenth of that time, so that news of yesterday's job cost
 * little and news of now are seen at once. What fails is asked again after half the time that it has been failing.
 */
export function pauseOf(unchangedMs: number, changing: boolean, failingMs: number): number {
  if (failingMs > 0) return Math.min(LONGEST_MS, Math.max(CHANGING_MS, failingMs / 2));
  if (changing) return CHANGING_MS;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, unchangedMs / 10));
}
