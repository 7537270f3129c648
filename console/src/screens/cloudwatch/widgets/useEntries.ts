import { GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { colorOf } from "../../../blocks/graph/colors";
import type { GraphLine } from "../../../blocks/graph/Graph";
import { boundsOf, periodFor, type Range, wholePeriods } from "../../../blocks/graph/range";
import { type Live, useLive } from "../../../live/useLive";
import { cloudwatch } from "../client";
import { type Entry, queriesOf, titlesOf } from "./entries";
import { wholePeriod } from "./views/values";

export interface Drawn {
  lines: GraphLine[];
  from: number;
  until: number;
  period: number;
  /** What AWS says of the request besides its numbers. */
  messages: string[];
}

export interface Defaults {
  stat?: string | undefined;
  period?: number | undefined;
  /** One number for the whole time, whatever periods lines have of their own. */
  whole?: boolean | undefined;
}

/** The period of a graph that names none of its own. */
export function periodOf(range: Range, defaults: Defaults): number {
  const { from, until } = boundsOf(range, Date.now());
  return defaults.period ?? periodFor((until - from) / 1000);
}

export const asked = (entries: Entry[], range: Range, defaults: Defaults): MetricDataQuery[] =>
  queriesOf(entries, { stat: defaults.stat ?? "Average", period: periodOf(range, defaults) });

/** The lines of a graph, live, or as they were while `paused`. */
export function useEntries(
  entries: Entry[],
  range: Range,
  defaults: Defaults = {},
  paused = false,
  tick = 0,
): Live<Drawn> {
  const key = JSON.stringify([entries, range, defaults]);
  const any = entries.some((entry) => entry.visible);
  return useLive(
    ["cloudwatch", "graph", key, tick],
    async () => {
      const now = Date.now();
      const bounds = boundsOf(range, now);
      const period = defaults.whole
        ? wholePeriod(bounds.from, bounds.until)
        : (defaults.period ?? periodFor((bounds.until - bounds.from) / 1000));
      const whole = wholePeriods(bounds.from, bounds.until, defaults.whole ? 60 : period);
      const of = defaults.whole ? entries.map((entry) => ({ ...entry, period })) : entries;
      const { MetricDataResults = [], Messages = [] } = await cloudwatch().send(
        new GetMetricDataCommand({
          MetricDataQueries: asked(of, range, { ...defaults, period }),
          StartTime: whole.from,
          EndTime: whole.until,
          ScanBy: "TimestampAscending",
        }),
      );
      const lines: GraphLine[] = [];
      const titles = titlesOf(entries);
      for (const [place, entry] of entries.entries()) {
        // An expression that makes several lines answers with several results of one id.
        for (const [number, result] of MetricDataResults.filter(({ Id }) => Id === entry.id).entries()) {
          lines.push({
            id: `${entry.id} ${number}`,
            // AWS's own labels name the metric alone; where somebody named the line, or several come of it, they tell more.
            title: (entry.label || entry.expression ? result.Label : titles[place]) || entry.id,
            color: number === 0 && entry.color ? entry.color : colorOf(place + number),
            side: entry.side,
            points: (result.Timestamps ?? []).map((at, index) => ({
              x: at.getTime(),
              y: result.Values?.[index] ?? 0,
            })),
          });
        }
      }
      const said = Messages.map(({ Code, Value }) => [Code, Value].filter(Boolean).join(": "));
      return { lines, from: whole.from.getTime(), until: whole.until.getTime(), period, messages: said };
    },
    { enabled: any && !paused, keep: true },
  );
}
