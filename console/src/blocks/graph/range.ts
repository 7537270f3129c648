/** The last so many minutes, or between two times. */
export type Range = { minutes: number } | { from: number; until: number };

export function boundsOf(range: Range, now: number): { from: number; until: number } {
  return "minutes" in range ? { from: now - range.minutes * 60_000, until: now } : range;
}

/** Lengths of periods that are asked for, in seconds: the shortest that gives at most this many points. */
const PERIODS = [60, 300, 900, 3600, 21_600, 86_400];
const MOST_POINTS = 300;

/** A period for a graph of so many seconds. */
export const periodFor = (seconds: number): number =>
  PERIODS.find((period) => seconds / period <= MOST_POINTS) ?? 86_400;

/** Whole periods around a range, so that a number that has come keeps its place. */
export function wholePeriods(from: number, until: number, periodS: number): { from: Date; until: Date } {
  const step = periodS * 1000;
  return {
    from: new Date(Math.floor(from / step) * step),
    until: new Date(Math.ceil((until + 1) / step) * step),
  };
}
