/** A value of an axis, or a time in milliseconds, to its place in pixels. */
export type Place = (value: number) => number;

export const placeIn =
  ([least, most]: readonly [number, number], [from, until]: readonly [number, number]): Place =>
  (value) =>
    most === least ? (from + until) / 2 : from + ((value - least) / (most - least)) * (until - from);

/** Steps of 1, 2, 5 × 10ⁿ, at most `count` of them, between two values. */
export function ticksOf([least, most]: readonly [number, number], count: number): number[] {
  const rough = (most - least) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [least];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((times) => power * times >= rough) ?? 10);
  const first = Math.ceil(least / step);
  const last = Math.floor(most / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** What an axis goes from and to: with zero where it is near, a little room above, and never nothing. */
export function domainOf(
  values: number[],
  wish: { min?: number | undefined; max?: number | undefined } = {},
): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) [least, most] = [0, 1];
  if (least >= 0 && least <= (most - least) * 2) least = 0;
  if (most <= 0 && -most <= (most - least) * 2) most = 0;
  const room = (most - least) * 0.08 || Math.abs(most) * 0.1 || 1;
  const low = wish.min ?? (least === 0 ? 0 : least - room);
  const high = wish.max ?? (most === 0 && low < 0 ? 0 : most + room);
  return high > low ? [low, high] : [low, low + 1];
}

const STEPS_S = [
  1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
];

/** Times for an axis, in milliseconds: whole minutes, hours or days of the place where the browser is. */
export function timesOf(from: number, until: number, count: number): number[] {
  const seconds = (until - from) / 1000 / Math.max(1, count);
  const step = (STEPS_S.find((one) => one >= seconds) ?? 2_592_000) * 1000;
  const shift = new Date(from).getTimezoneOffset() * 60_000;
  const first = Math.ceil((from - shift) / step) * step + shift;
  const times: number[] = [];
  for (let at = first; at <= until; at += step) times.push(at);
  return times;
}

/** Lines on top of one another, in their order: each begins where the one before ends. */
export function stackOf(
  lines: { points: { x: number; y: number }[] }[],
): { x: number; low: number; high: number }[][] {
  const heights = new Map<number, number>();
  return lines.map(({ points }) =>
    points.map(({ x, y }) => {
      const low = heights.get(x) ?? 0;
      heights.set(x, low + y);
      return { x, low, high: low + y };
    }),
  );
}

/** `12.3k`, `4.5M`; small ones as they are. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toExponential(1);
  const [by, unit] =
    size >= 1e12
      ? [1e12, "T"]
      : size >= 1e9
        ? [1e9, "G"]
        : size >= 1e6
          ? [1e6, "M"]
          : size >= 1e4
            ? [1e3, "k"]
            : [1, ""];
  return `${Number((value / by).toPrecision(4))}${unit}`;
}
