import type { Drawn } from "../useEntries";

/** One number of a line: its last, or that of the whole time. */
export interface Value {
  id: string;
  title: string;
  color: string;
  value: number | undefined;
}

export const valuesOf = ({ lines }: Pick<Drawn, "lines">): Value[] =>
  lines.map(({ id, title, color, points }) => ({ id, title, color, value: points.at(-1)?.y }));

/** What a pie has of each: shares in percent of all; what is not above zero is no part of it. */
export function sharesOf(values: readonly Value[]): (Value & { value: number; percent: number })[] {
  const parts = values.flatMap((one) =>
    one.value !== undefined && one.value > 0 ? [{ ...one, value: one.value }] : [],
  );
  const sum = parts.reduce((all, { value }) => all + value, 0);
  return parts.map((one) => ({ ...one, percent: (100 * one.value) / sum }));
}

/** A period in seconds that holds a whole range, as the platform's own pictures take it: an hour more than it. */
export const wholePeriod = (from: number, until: number): number =>
  3600 + Math.ceil((until - from) / 60_000) * 60;

/** Where a value is between two bounds, from 0 to 1. */
export const shareOf = (value: number, least: number, most: number): number =>
  most > least ? Math.min(1, Math.max(0, (value - least) / (most - least))) : 0;

const CENTER = { x: 100, y: 100 };
const RADIUS = 80;

/** A point of a gauge's half circle, from its left end (0) to its right (1). */
export function pointAt(share: number, radius = RADIUS): { x: number; y: number } {
  const angle = Math.PI * (1 - share);
  return {
    x: Number((CENTER.x + radius * Math.cos(angle)).toFixed(2)),
    y: Number((CENTER.y - radius * Math.sin(angle)).toFixed(2)),
  };
}

/** The path of a gauge from its left end to a share of it. */
export function arcTo(share: number): string {
  const [from, to] = [pointAt(0), pointAt(share)];
  return `M${from.x} ${from.y}A${RADIUS} ${RADIUS} 0 0 1 ${to.x} ${to.y}`;
}

/** A small line of a number's time, in a box of 100 by 24. */
export function sparkOf(points: readonly { x: number; y: number }[]): string {
  if (points.length < 2) return "";
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  return points
    .map(({ x, y }, place) => {
      const across = (100 * (x - left)) / (right - left || 1);
      const down = high === low ? 12 : 22 - (20 * (y - low)) / (high - low);
      return `${place ? "L" : "M"}${across.toFixed(1)} ${down.toFixed(1)}`;
    })
    .join("");
}
