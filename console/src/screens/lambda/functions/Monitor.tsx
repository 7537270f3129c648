import { type Drawn, Pictures } from "../../../blocks/charts/Pictures";

// Documented: Lambda Developer Guide, Types of metrics for Lambda functions.
const DRAWN: Drawn[] = [
  {
    title: "Invocations",
    unit: "per period",
    metrics: [{ metric: "Invocations", stat: "Sum", as: "invocations" }],
  },
  {
    title: "Duration",
    unit: "ms",
    metrics: [
      { metric: "Duration", stat: "p50", as: "p50" },
      { metric: "Duration", stat: "p99", as: "p99" },
    ],
  },
  {
    title: "Errors and throttles",
    unit: "per period",
    metrics: [
      { metric: "Errors", stat: "Sum", as: "errors" },
      { metric: "Throttles", stat: "Sum", as: "throttles" },
    ],
  },
  {
    title: "Concurrency",
    unit: "environments",
    metrics: [{ metric: "ConcurrentExecutions", stat: "Maximum", as: "concurrent" }],
  },
];

/** How often a function is called, how long it takes, how often it fails. */
export function Monitor({ name }: { name: string }) {
  return (
    <Pictures
      drawn={DRAWN}
      namespace="AWS/Lambda"
      subjects={[{ title: "", dimensions: { FunctionName: name } }]}
    />
  );
}
