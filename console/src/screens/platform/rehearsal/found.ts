/** `/_sagehen/rehearsal`, and `sagehen rehearse --json`: docs/rehearse.md. */
export interface Found {
  seconds: number;
  requests_expected: number;
  objective: string | null;
  recommended: string | null;
  words: string[];
  prices: { region: string; date: string; source: string };
  candidates: FoundCandidate[];
}

export interface FoundCandidate {
  name: string;
  meets_objective: boolean | null;
  requests: {
    arrived: number;
    throttled: number;
    overloaded: number;
    timed_out: number;
    cold_starts: number;
  };
  latency_ms: Record<string, number>;
  dollars: number;
  activities: {
    seconds: number;
    from: number;
    to: number;
    cause: string;
    not_scaled: string | null;
  }[];
  series: Point[];
}

interface Point {
  seconds: number;
  rate: number;
  desired: number;
  serving: number;
  p50_ms: number;
  p99_ms: number;
}

// As `sagehen rehearse` reckons.
const MONTH_S = 30 * 86_400;

/** What a month of such traffic costs. */
export const perMonth = ({ dollars }: Pick<FoundCandidate, "dollars">, seconds: number): number =>
  seconds > 0 ? (dollars * MONTH_S) / seconds : 0;

/** The share of requests that were not answered, 0 to 1. */
export function lostOf({ requests }: Pick<FoundCandidate, "requests">): number {
  const { arrived, throttled, overloaded, timed_out } = requests;
  return arrived > 0 ? (throttled + overloaded + timed_out) / arrived : 0;
}

/** Curves of one run, over minutes since its beginning. */
export function curvesOf(series: Point[]) {
  const of = (title: string, value: (point: Point) => number) => ({
    title,
    points: series.map((point) => ({ x: point.seconds / 60, y: value(point) })),
  });
  return {
    load: [of("requests a second", (point) => point.rate)],
    capacity: [of("wanted", (point) => point.desired), of("serving", (point) => point.serving)],
    latency: [of("p50", (point) => point.p50_ms), of("p99", (point) => point.p99_ms)],
  };
}
