import type { MetricFilter, PutMetricFilterCommandInput } from "@aws-sdk/client-cloudwatch-logs";
import type { Rows } from "../../../../blocks/fields/Pairs";

/** A metric filter as a form has it. */
export interface Form {
  name: string;
  pattern: string;
  namespace: string;
  metric: string;
  /** `1` for each line that matches, or a member of it: `$.ms`, `$size`. */
  value: string;
  /** What is published where no line matches; empty for nothing. */
  otherwise: string;
  unit: string;
  /** Of the metric: names, and the members that their values are taken from. */
  dimensions: Rows;
}

export function formOf(filter: MetricFilter | undefined, group: string): Form {
  const [made] = filter?.metricTransformations ?? [];
  return {
    name: filter?.filterName ?? "",
    pattern: filter?.filterPattern ?? "ERROR",
    namespace: made?.metricNamespace ?? (group.split("/").filter(Boolean).at(-1) || "Logs"),
    metric: made?.metricName ?? "Errors",
    value: made?.metricValue ?? "1",
    otherwise: String(made?.defaultValue ?? ""),
    unit: made?.unit ?? "None",
    dimensions: Object.entries(made?.dimensions ?? {}),
  };
}

const isNumber = (text: string) => text.trim() !== "" && Number.isFinite(Number(text));

/** Documented: PutMetricFilter. A default value is not for a metric with dimensions; of these there are three. */
export function faultsOf(form: Form): string[] {
  const faults: string[] = [];
  const dimensions = form.dimensions.filter(([name]) => name.trim());
  if (!isNumber(form.value) && !/^\$/.test(form.value.trim()))
    faults.push("The value is a number, or a member of the line: $.ms, $size.");
  if (form.otherwise.trim() !== "" && !isNumber(form.otherwise))
    faults.push("The default is a number, or empty.");
  if (form.otherwise.trim() !== "" && dimensions.length > 0)
    faults.push("A metric with dimensions has no default value.");
  if (dimensions.length > 3) faults.push("A metric has three dimensions at most.");
  return faults;
}

export const isForm = (form: Form): boolean =>
  [form.name, form.namespace, form.metric].every((text) => text.trim() !== "") && faultsOf(form).length === 0;

export function inputOf(group: string, form: Form): PutMetricFilterCommandInput {
  const dimensions = form.dimensions.filter(([name]) => name.trim());
  return {
    logGroupName: group,
    filterName: form.name.trim(),
    filterPattern: form.pattern,
    metricTransformations: [
      {
        metricNamespace: form.namespace.trim(),
        metricName: form.metric.trim(),
        metricValue: form.value.trim(),
        unit: form.unit as "None",
        ...(form.otherwise.trim() ? { defaultValue: Number(form.otherwise) } : {}),
        ...(dimensions.length > 0 ? { dimensions: Object.fromEntries(dimensions) } : {}),
      },
    ],
  };
}
