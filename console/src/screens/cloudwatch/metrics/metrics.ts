import type { Metric } from "@aws-sdk/client-cloudwatch";

/** Metrics of one namespace that have dimensions of the same names. */
export interface Family {
  namespace: string;
  /** Sorted; none for metrics without dimensions. */
  names: string[];
  metrics: Metric[];
}

/** Namespaces, and in each the sets of dimensions, as CloudWatch's own browser has them. */
export function familiesOf(metrics: Metric[]): Map<string, Family[]> {
  const found = new Map<string, Map<string, Family>>();
  for (const metric of metrics) {
    const namespace = metric.Namespace ?? "";
    const names = (metric.Dimensions ?? []).map(({ Name }) => Name ?? "").sort();
    const families = found.get(namespace) ?? new Map<string, Family>();
    const family = families.get(names.join("\n")) ?? { namespace, names, metrics: [] };
    family.metrics.push(metric);
    families.set(names.join("\n"), family);
    found.set(namespace, families);
  }
  return new Map(
    [...found]
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([namespace, families]) => [
        namespace,
        [...families.values()].sort(
          (one, other) =>
            one.names.length - other.names.length || one.names.join().localeCompare(other.names.join()),
        ),
      ]),
  );
}

export const dimensionsOf = (metric: Metric): [string, string][] =>
  (metric.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]);

export const STATISTICS = [
  "Average",
  "Sum",
  "Minimum",
  "Maximum",
  "SampleCount",
  "p50",
  "p90",
  "p95",
  "p99",
  "p99.9",
];

export const PERIODS: { value: string; label: string }[] = [
  { value: "", label: "auto" },
  ...(
    [
      [60, "1 min"],
      [300, "5 min"],
      [900, "15 min"],
      [3600, "1 h"],
      [21_600, "6 h"],
      [86_400, "1 day"],
    ] as const
  ).map(([seconds, label]) => ({ value: String(seconds), label })),
];
