import type { StepAdjustment } from "@aws-sdk/client-application-auto-scaling";

export type AdjustmentType = "ChangeInCapacity" | "PercentChangeInCapacity" | "ExactCapacity";

/** A step as a form has it: bounds are distances from the alarm's threshold, an empty one is without end. */
export interface Row {
  from: string;
  to: string;
  change: string;
}

interface Span {
  from: number;
  to: number;
  change: number;
}

const bound = (text: string, otherwise: number) => (text.trim() === "" ? otherwise : Number(text));

const spanOf = ({ from, to, change }: Row): Span => ({
  from: bound(from, -Infinity),
  to: bound(to, Infinity),
  change: Number(change),
});

/** The steps in the order of the number line. */
const spansOf = (rows: readonly Row[]): Span[] =>
  rows.map(spanOf).toSorted((a, b) => a.from - b.from || a.to - b.to);

/** What an alarm that goes off above its threshold begins with, and one that goes off below. */
export const firstRows = (above: boolean): Row[] =>
  above ? [{ from: "0", to: "", change: "1" }] : [{ from: "", to: "0", change: "-1" }];

/** Where a further step belongs: beyond the outermost, which then ends. */
export function withOneMore(rows: readonly Row[], above: boolean): Row[] {
  const last = rows.at(-1);
  if (!last) return firstRows(above);
  const shrinks = last.from.trim() === "" && last.to.trim() !== "";
  const edge = shrinks ? Number(last.to) - 10 : bound(last.from, 0) + 10;
  const next = String(Number(last.change || "0") + (shrinks ? -1 : 1));
  return shrinks
    ? [...rows.slice(0, -1), { ...last, from: String(edge) }, { from: "", to: String(edge), change: next }]
    : [...rows.slice(0, -1), { ...last, to: String(edge) }, { from: String(edge), to: "", change: next }];
}

/**
 * Why Application Auto Scaling would not take these steps; nothing where it would.
 *
 * The rules: https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
export function faultsOf(rows: readonly Row[], type: AdjustmentType): string[] {
  if (rows.length === 0) return ["At least one step is needed."];
  if (rows.length > 20) return ["A policy has 20 steps at most."];
  const spans = spansOf(rows);
  const texts = rows.flatMap(({ from, to }) => [from, to]).filter((text) => text.trim() !== "");
  if (texts.some((text) => !Number.isFinite(Number(text)))) return ["A bound is a number, or empty."];
  if (rows.some(({ change }) => !/^\s*-?\d{1,9}\s*$/.test(change)))
    return ["A change is a whole number, such as 2 or -1."];
  const faults: string[] = [];
  if (type === "ExactCapacity" && spans.some(({ change }) => change < 0))
    faults.push("A capacity is not below 0.");
  if (spans.some(({ from, to }) => from >= to)) faults.push("A step begins below where it ends.");
  spans.forEach((span, place) => {
    const next = spans[place + 1];
    if (!next) return;
    if (span.to > next.from) faults.push(`Two steps hold what is between ${next.from} and ${span.to}.`);
    if (span.to < next.from) faults.push(`No step holds what is between ${span.to} and ${next.from}.`);
  });
  const [low, high] = [spans[0], spans.at(-1)];
  if (low && low.from < 0 && low.from !== -Infinity)
    faults.push("The lowest step must have no beginning: leave it empty.");
  if (high && high.to > 0 && high.to !== Infinity)
    faults.push("The highest step must have no end: leave it empty.");
  return [...new Set(faults)];
}

/** What PutScalingPolicy is told. */
export const adjustmentsOf = (rows: readonly Row[]): StepAdjustment[] =>
  spansOf(rows).map(({ from, to, change }) => ({
    ...(from === -Infinity ? {} : { MetricIntervalLowerBound: from }),
    ...(to === Infinity ? {} : { MetricIntervalUpperBound: to }),
    ScalingAdjustment: change,
  }));

export const rowsOf = (steps: readonly StepAdjustment[]): Row[] =>
  steps.map((step) => ({
    from: String(step.MetricIntervalLowerBound ?? ""),
    to: String(step.MetricIntervalUpperBound ?? ""),
    change: String(step.ScalingAdjustment ?? ""),
  }));

/** `+2`, `−20 %`, `3 in all`. */
export function changeWords(change: number, type: AdjustmentType): string {
  if (type === "ExactCapacity") return `${change} in all`;
  const signed = change > 0 ? `+${change}` : String(change).replace("-", "−");
  return type === "PercentChangeInCapacity" ? `${signed} %` : signed;
}

/** `600 to 700: +1; from 700: +2`: of the metric, where the threshold is known. */
export function stepsInWords(rows: readonly Row[], type: AdjustmentType, threshold = 0): string {
  return spansOf(rows)
    .map(({ from, to, change }) => {
      const [low, high] = [short(threshold + from), short(threshold + to)];
      const where =
        from === -Infinity && to === Infinity
          ? "always"
          : from === -Infinity
            ? `to ${high}`
            : to === Infinity
              ? `from ${low}`
              : `${low} to ${high}`;
      return `${where}: ${changeWords(change, type)}`;
    })
    .join("; ");
}

/** Without what binary fractions add: 0.1 + 0.2. */
const short = (value: number) => String(Number(value.toPrecision(12)));

export interface Line {
  /** Places in percent of the width. */
  segments: { at: number; width: number; text: string; kind: "out" | "in" | "exact" | "none" }[];
  ticks: { at: number; text: string; isThreshold: boolean }[];
}

/** The steps on a line of the metric's values; what no step holds is a segment too. */
export function lineOf(rows: readonly Row[], type: AdjustmentType, threshold: number): Line {
  const spans = spansOf(rows).filter(({ from, to }) => from < to);
  const bounds = [...new Set([0, ...spans.flatMap(({ from, to }) => [from, to])])]
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  const [least = 0, most = 0] = [bounds[0], bounds.at(-1)];
  const beyond = (most - least) * 0.4 || Math.abs(threshold) * 0.4 || 1;
  const [low, high] = [least - beyond, most + beyond];
  const place = (value: number) => (100 * (Math.min(high, Math.max(low, value)) - low)) / (high - low);
  const edges = [low, ...bounds, high];
  const segments = edges.slice(1).map((end, index) => {
    const begin = edges[index] ?? low;
    const middle = (begin + end) / 2;
    const step = spans.find(({ from, to }) => from <= middle && middle < to);
    return {
      at: place(begin),
      width: place(end) - place(begin),
      text: step ? changeWords(step.change, type) : "",
      kind: step ? kindOf(step.change, type) : ("none" as const),
    };
  });
  return {
    segments,
    ticks: bounds.map((value) => ({
      at: place(value),
      text: short(threshold + value),
      isThreshold: value === 0,
    })),
  };
}

function kindOf(change: number, type: AdjustmentType): Line["segments"][number]["kind"] {
  if (type === "ExactCapacity") return "exact";
  return change === 0 ? "none" : change > 0 ? "out" : "in";
}
