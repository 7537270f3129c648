import type { DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type Drawn, Pictures } from "../../../../blocks/charts/Pictures";

// Documented: SageMaker Developer Guide, Monitor asynchronous endpoint; latencies are in microseconds.
const SECONDS = 1e-6;
const OF_QUEUE: Drawn[] = [
  {
    title: "Queue",
    unit: "requests",
    metrics: [{ metric: "ApproximateBacklogSize", stat: "Maximum", as: "waiting or under way" }],
  },
  {
    title: "Oldest request",
    unit: "s",
    metrics: [{ metric: "ApproximateAgeOfOldestRequest", stat: "Maximum", as: "age" }],
  },
];
const OF_VARIANTS: Drawn[] = [
  {
    title: "Requests",
    unit: "per period",
    metrics: [
      { metric: "InvocationsProcessed", stat: "Sum", as: "ended" },
      { metric: "InvocationFailures", stat: "Sum", as: "failed" },
      { metric: "ExpiredRequests", stat: "Sum", as: "expired" },
    ],
  },
  {
    title: "Time",
    unit: "s",
    metrics: [
      { metric: "TimeInBacklog", stat: "p50", as: "in the queue p50", times: SECONDS },
      { metric: "ModelLatency", stat: "p50", as: "model p50", times: SECONDS },
      { metric: "TotalProcessingTime", stat: "p50", as: "all p50", times: 0.001 },
    ],
  },
];

/** The queue of an asynchronous endpoint, and what became of its requests. */
export function LaterLoad({ endpoint }: { endpoint: DescribeEndpointOutput }) {
  const EndpointName = endpoint.EndpointName ?? "";
  const variants = (endpoint.ProductionVariants ?? []).map(({ VariantName = "" }) => ({
    title: VariantName,
    dimensions: { EndpointName, VariantName },
  }));
  return (
    <SpaceBetween size="l">
      <Pictures
        drawn={OF_QUEUE}
        namespace="AWS/SageMaker"
        subjects={[{ title: EndpointName, dimensions: { EndpointName } }]}
      />
      <Pictures drawn={OF_VARIANTS} namespace="AWS/SageMaker" subjects={variants} />
    </SpaceBetween>
  );
}
