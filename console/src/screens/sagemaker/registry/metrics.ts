import type { DescribeModelPackageCommandOutput } from "@aws-sdk/client-sagemaker";

/** A version's numbers by name: `regression_metrics.mse`. */
export type Numbers = Record<string, number>;

/** One line of a comparison: what each version has of it. */
export interface Line {
  name: string;
  values: (number | undefined)[];
}

/** More than anybody reads; an evaluation may hold a curve of thousands of points. */
const MOST_NUMBERS = 100;

/**
 * The numbers in a report, by the way to them. Reports of SageMaker's pipelines hold `{"mse": {"value": 4.9}}`, which
 * is told as `mse`; lists are left out.
 */
export function numbersOf(report: unknown, path = "", found: Numbers = {}, depth = 0): Numbers {
  if (typeof report === "number" && Number.isFinite(report) && Object.keys(found).length < MOST_NUMBERS)
    found[path.replace(/\.value$/, "")] = report;
  if (depth < 12 && report !== null && typeof report === "object" && !Array.isArray(report))
    for (const [name, value] of Object.entries(report))
      numbersOf(value, path ? `${path}.${name}` : name, found, depth + 1);
  return found;
}

/** The numbers among the properties that were given to a version: `accuracy` → `0.9`. */
export function numbersAmong(properties: Record<string, string> | undefined): Numbers {
  const pairs = Object.entries(properties ?? {}).map(
    ([name, text]) => [name, Number(text || Number.NaN)] as const,
  );
  return Object.fromEntries(pairs.filter(([, value]) => Number.isFinite(value)));
}

/** The lines of several versions' numbers side by side, in the order of their names. */
export function linesOf(versions: readonly Numbers[]): Line[] {
  const names = [...new Set(versions.flatMap((numbers) => Object.keys(numbers)))].sort();
  return names.map((name) => ({ name, values: versions.map((numbers) => numbers[name]) }));
}

/** Where the reports about a version's quality are. */
export function reportsOf(version: Pick<DescribeModelPackageCommandOutput, "ModelMetrics">): string[] {
  const { ModelQuality, ModelDataQuality, Bias, Explainability } = version.ModelMetrics ?? {};
  const sources = [
    ModelQuality?.Statistics,
    ModelDataQuality?.Statistics,
    Bias?.Report,
    Bias?.PostTrainingReport,
    Explainability?.Report,
  ];
  return sources.flatMap((source) => (source?.S3Uri ? [source.S3Uri] : []));
}

/** A number as a table shows it: four digits that mean something. */
export const shortened = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
