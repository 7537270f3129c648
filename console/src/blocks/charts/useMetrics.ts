import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { aws } from "../../aws/client";
import { type Live, useLive } from "../../live/useLive";
import type { Curve } from "./Curves";

export interface Wanted {
  title: string;
  namespace: string;
  metric: string;
  dimensions: Record<string, string>;
  stat: string;
  /** What values are multiplied by: 0.001 for microseconds as milliseconds. */
  times?: number;
}

/** Lengths of periods that are asked for, in seconds: the shortest that gives at most this many points. */
const PERIODS = [60, 300, 900, 3600, 21_600, 86_400];
const MOST_POINTS = 200;

export const periodOf = (seconds: number): number =>
  PERIODS.find((period) => seconds / period <= MOST_POINTS) ?? 86_400;

/** Metrics of the last `minutes`, or between two times, live. */
export function useMetrics(
  key: string,
  wanted: Wanted[],
  range: { minutes: number } | { from: Date; until: Date | undefined },
): Live<Curve<Date>[]> {
  return useLive(["cloudwatch", "metrics", key, JSON.stringify(range)], async () => {
    const until = "until" in range && range.until ? range.until : new Date();
    const from = "from" in range ? range.from : new Date(until.getTime() - range.minutes * 60_000);
    const period = periodOf((until.getTime() - from.getTime()) / 1000);
    const queries: MetricDataQuery[] = wanted.map((one, index) => ({
      Id: `m${index}`,
      MetricStat: {
        Metric: {
          Namespace: one.namespace,
          MetricName: one.metric,
          Dimensions: Object.entries(one.dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: period,
        Stat: one.stat,
      },
    }));
    if (queries.length === 0) return [];
    const { MetricDataResults = [] } = await aws(CloudWatchClient).send(
      new GetMetricDataCommand({
        MetricDataQueries: queries,
        // Whole periods: a number that has come keeps its place.
        StartTime: new Date(Math.floor(from.getTime() / 1000 / period) * period * 1000),
        EndTime: new Date(Math.ceil((until.getTime() + 1) / 1000 / period) * period * 1000),
        ScanBy: "TimestampAscending",
      }),
    );
    return wanted.map((one, index) => {
      const result = MetricDataResults.find(({ Id }) => Id === `m${index}`);
      const points = (result?.Timestamps ?? []).map((x, place) => ({
        x,
        y: (result?.Values?.[place] ?? 0) * (one.times ?? 1),
      }));
      return { title: one.title, points };
    });
  });
}
