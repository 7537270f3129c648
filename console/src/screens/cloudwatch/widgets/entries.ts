import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { Side } from "../../../blocks/graph/Graph";

/** A line of a graph: a metric, or an expression over others. */
export interface Entry {
  /** What expressions call it: a lower-case letter first. */
  id: string;
  namespace: string;
  metric: string;
  dimensions: [string, string][];
  /** Instead of a metric. */
  expression?: string | undefined;
  label?: string | undefined;
  /** `Average`, `p99`. */
  stat?: string | undefined;
  /** In seconds. */
  period?: number | undefined;
  side: Side;
  visible: boolean;
  color?: string | undefined;
  region?: string | undefined;
}

/** A widget's JSON is none that can be read; the message says where. */
export class NoWidget extends Error {}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown) => (typeof value === "string" && value ? value : undefined);
const count = (value: unknown) => (typeof value === "number" && value > 0 ? value : undefined);

/** Documented: GetMetricWidgetImage. Longer arrays are no mistake that a browser should hang on. */
const MOST = 500;

/**
 * Reads the `metrics` of a widget: `.` stands for the item above, `...` for as many as are needed.
 *
 * Documented: CloudWatch API reference, "Dashboard body structure and syntax".
 */
export function entriesOf(metrics: unknown): Entry[] {
  if (!Array.isArray(metrics)) return [];
  const entries: Entry[] = [];
  let above: string[] = [];
  for (const [index, item] of metrics.slice(0, MOST).entries()) {
    if (!Array.isArray(item) || item.length === 0) throw new NoWidget(`/metrics/${index}: no array of names`);
    const last: unknown = item.at(-1);
    const options = isObject(last) ? last : {};
    const named: unknown[] = isObject(last) ? item.slice(0, -1) : item;
    const expression = text(options.expression);
    if (!expression) above = expanded(named, above, index);
    entries.push({
      id: text(options.id) ?? freeId(entries, metrics),
      namespace: expression ? "" : (above[0] ?? ""),
      metric: expression ? "" : (above[1] ?? ""),
      dimensions: expression ? [] : pairsOf(above.slice(2)),
      expression,
      label: text(options.label),
      stat: text(options.stat),
      period: count(options.period),
      side: options.yAxis === "right" ? "right" : "left",
      visible: options.visible !== false,
      color: text(options.color),
      region: text(options.region),
    });
  }
  return entries;
}

function expanded(named: unknown[], above: string[], index: number): string[] {
  const rest =
    named[0] === "..." ? [...above.slice(0, above.length - (named.length - 1)), ...named.slice(1)] : named;
  const found = rest.map((word, place) => (word === "." ? above[place] : word));
  if (
    found.length < 2 ||
    found.length % 2 ||
    !found.every((word): word is string => typeof word === "string")
  )
    throw new NoWidget(`/metrics/${index}: a namespace, a metric, and pairs of dimensions`);
  return found;
}

function pairsOf(words: string[]): [string, string][] {
  return Array.from({ length: words.length / 2 }, (_, place) => [
    words[2 * place] ?? "",
    words[2 * place + 1] ?? "",
  ]);
}

/** An id that is none of theirs, nor one of those that are yet to be read. */
export function freeId(entries: Entry[], metrics: unknown[] = [], letter = "m"): string {
  const taken = new Set(entries.map(({ id }) => id));
  for (const item of metrics) {
    const last: unknown = Array.isArray(item) ? item.at(-1) : undefined;
    if (isObject(last) && typeof last.id === "string") taken.add(last.id);
  }
  let number = 1;
  while (taken.has(`${letter}${number}`)) number += 1;
  return `${letter}${number}`;
}

/** The `metrics` of a widget that shows these. */
export function metricsOf(entries: Entry[]): unknown[][] {
  return entries.map((entry) => {
    const options: Json = {
      ...(entry.expression ? { expression: entry.expression } : {}),
      id: entry.id,
      ...(entry.label ? { label: entry.label } : {}),
      ...(entry.stat ? { stat: entry.stat } : {}),
      ...(entry.period ? { period: entry.period } : {}),
      ...(entry.side === "right" ? { yAxis: "right" } : {}),
      ...(entry.visible ? {} : { visible: false }),
      ...(entry.color ? { color: entry.color } : {}),
      ...(entry.region ? { region: entry.region } : {}),
    };
    return entry.expression
      ? [options]
      : [entry.namespace, entry.metric, ...entry.dimensions.flat(), options];
  });
}

/** What GetMetricData is asked for a graph: `defaults` where a line says nothing of its own. */
export function queriesOf(entries: Entry[], defaults: { stat: string; period: number }): MetricDataQuery[] {
  return entries.map((entry) => ({
    Id: entry.id,
    ...(entry.label ? { Label: entry.label } : {}),
    ReturnData: entry.visible,
    ...(entry.expression
      ? { Expression: entry.expression }
      : {
          MetricStat: {
            Metric: {
              Namespace: entry.namespace,
              MetricName: entry.metric,
              ...(entry.dimensions.length > 0
                ? { Dimensions: entry.dimensions.map(([Name, Value]) => ({ Name, Value })) }
                : {}),
            },
            Period: entry.period ?? defaults.period,
            Stat: entry.stat ?? defaults.stat,
          },
        }),
  }));
}

/** What tells a metric from every other. */
export const keyOf = (entry: Pick<Entry, "namespace" | "metric" | "dimensions">): string =>
  JSON.stringify([entry.namespace, entry.metric, [...entry.dimensions].sort()]);

/** What tells the lines of a graph from one another: of what all have in common nothing is said twice. */
export function titlesOf(entries: Entry[]): string[] {
  const plain = entries.filter((entry) => !entry.label && !entry.expression);
  const differ = (of: (entry: Entry) => string | undefined) => new Set(plain.map(of)).size > 1;
  const names = [...new Set(plain.flatMap(({ dimensions }) => dimensions.map(([name]) => name)))];
  const telling = names.filter((name) =>
    differ(({ dimensions }) => dimensions.find(([known]) => known === name)?.[1]),
  );
  return entries.map((entry) => {
    if (entry.label || entry.expression) return titleOf(entry);
    const values = entry.dimensions.filter(([name]) => telling.includes(name)).map(([, value]) => value);
    return [entry.metric, ...values, ...(differ(({ stat }) => stat) ? [entry.stat ?? "Average"] : [])].join(
      " · ",
    );
  });
}

/** `Errors · classify`: what a line is called by itself. */
export const titleOf = (entry: Entry): string =>
  entry.label ??
  entry.expression ??
  [entry.metric, ...entry.dimensions.map(([, value]) => value)].join(" · ");
