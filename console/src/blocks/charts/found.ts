import type { Line } from "../log/follow";

export interface Definition {
  Name?: string | undefined;
  Regex?: string | undefined;
}

export interface Found {
  name: string;
  points: { x: number; y: number }[];
}

/** Characters of a line that are searched, and points of a curve: enough to see, and soon done. */
const MOST_CHARACTERS = 2_000;
const MOST_POINTS = 1_000;

/** Python's names of groups in JavaScript's way of writing; what cannot be read finds nothing. */
export function patternOf(regex: string): RegExp | undefined {
  try {
    return new RegExp(regex.replaceAll("(?P<", "(?<"));
  } catch {
    return undefined;
  }
}

/**
 * The curves that a job's metric definitions find in its log.
 *
 * CloudWatch has these numbers, too, in minutes; the log has each of them. `x` is seconds since the first line.
 */
export function curvesIn(lines: Line[], definitions: Definition[]): Found[] {
  const first = lines[0]?.at ?? 0;
  return definitions.flatMap(({ Name, Regex }) => {
    const pattern = Regex ? patternOf(Regex) : undefined;
    if (!Name || !pattern) return [];
    const points = lines.flatMap((line) => {
      const value = Number.parseFloat(pattern.exec(line.text.slice(0, MOST_CHARACTERS))?.[1] ?? "");
      return Number.isFinite(value) ? [{ x: (line.at - first) / 1000, y: value }] : [];
    });
    return [{ name: Name, points: thinned(points) }];
  });
}

/** At most `MOST_POINTS` of them, at even distances, with the last. */
export function thinned<T>(points: T[]): T[] {
  if (points.length <= MOST_POINTS) return points;
  const step = points.length / MOST_POINTS;
  return Array.from({ length: MOST_POINTS }, (_, index) =>
    index === MOST_POINTS - 1 ? points[points.length - 1] : points[Math.floor(index * step)],
  ).filter((point) => point !== undefined);
}
