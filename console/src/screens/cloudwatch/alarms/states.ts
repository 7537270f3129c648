import type { AlarmHistoryItem, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { STATE_COLORS } from "../../../blocks/graph/colors";
import type { Band } from "../../../blocks/graph/Graph";
import type { Entry } from "../widgets/entries";

interface Change {
  at: number;
  before: string;
  after: string;
}

function changeOf({ Timestamp, HistoryData }: AlarmHistoryItem): Change | undefined {
  try {
    const { oldState, newState } = JSON.parse(HistoryData ?? "");
    return Timestamp && typeof newState?.stateValue === "string"
      ? { at: Timestamp.getTime(), before: String(oldState?.stateValue ?? ""), after: newState.stateValue }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The states of an alarm between two times.
 *
 * @param items its history in that time, in any order; what is no change of state is passed over.
 * @param now its present state: that of the whole time where nothing has changed.
 */
export function statesOf(items: AlarmHistoryItem[], now: string, from: number, until: number): Band[] {
  const changes = items
    .map(changeOf)
    .filter((change) => change !== undefined)
    .filter(({ at }) => at < until)
    .sort((one, other) => one.at - other.at);
  const bands: Band[] = [];
  let state = changes[0]?.before || now;
  let since = from;
  for (const { at, after } of changes) {
    if (at > since && state) bands.push(bandOf(state, since, at));
    since = Math.max(since, at);
    state = after;
  }
  if (until > since && state) bands.push(bandOf(state, since, until));
  return bands;
}

const bandOf = (state: string, from: number, until: number): Band => ({
  from,
  until,
  color: STATE_COLORS[state] ?? "#8b9bab",
  title: state,
});

/** How much of the time an alarm was in each state, as `ALARM 12 %`. */
export function sharesOf(bands: Band[]): string {
  const all = bands.reduce((sum, band) => sum + band.until - band.from, 0);
  const sums = new Map<string, number>();
  for (const band of bands) sums.set(band.title, (sums.get(band.title) ?? 0) + band.until - band.from);
  return [...sums]
    .sort(([, one], [, other]) => other - one)
    .map(([state, sum]) => `${state} ${Math.round((sum / all) * 100)} %`)
    .join(", ");
}

/** The lines of an alarm's graph: its metric, or the metrics and expressions that it is reckoned of. */
export function entriesOfAlarm(alarm: MetricAlarm): Entry[] {
  const plain = { dimensions: [], namespace: "", metric: "", side: "left" as const, visible: true };
  if (alarm.MetricName)
    return [
      {
        ...plain,
        id: "m1",
        namespace: alarm.Namespace ?? "",
        metric: alarm.MetricName,
        dimensions: pairsOf(alarm.Dimensions),
        stat: alarm.Statistic ?? alarm.ExtendedStatistic,
        period: alarm.Period,
      },
    ];
  return (alarm.Metrics ?? []).map((query) => ({
    ...plain,
    id: query.Id ?? "",
    label: query.Label,
    visible: query.ReturnData !== false,
    expression: query.Expression,
    namespace: query.MetricStat?.Metric?.Namespace ?? "",
    metric: query.MetricStat?.Metric?.MetricName ?? "",
    dimensions: pairsOf(query.MetricStat?.Metric?.Dimensions),
    stat: query.MetricStat?.Stat,
    period: query.MetricStat?.Period ?? query.Period,
  }));
}

const pairsOf = (dimensions: MetricAlarm["Dimensions"]): [string, string][] =>
  (dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]);
