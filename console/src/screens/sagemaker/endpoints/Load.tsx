import type { DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";
import { type Drawn, Pictures } from "../../../blocks/charts/Pictures";

// Documented: SageMaker Developer Guide, Endpoint invocation metrics; latencies are in microseconds.
const MS = 0.001;
const INSTANCES = "/aws/sagemaker/Endpoints";
const COPIES = "/aws/sagemaker/InferenceComponents";
const ASKED: Drawn[] = [
  {
    title: "Requests",
    unit: "per period",
    metrics: [{ metric: "Invocations", stat: "Sum", as: "requests" }],
  },
  {
    title: "Latency",
    unit: "ms",
    metrics: [
      { metric: "ModelLatency", stat: "p50", as: "model p50", times: MS },
      { metric: "ModelLatency", stat: "p99", as: "model p99", times: MS },
      { metric: "OverheadLatency", stat: "p50", as: "overhead p50", times: MS },
    ],
  },
  {
    title: "Errors",
    unit: "per period",
    metrics: [
      { metric: "Invocation4XXErrors", stat: "Sum", as: "4xx" },
      { metric: "Invocation5XXErrors", stat: "Sum", as: "5xx" },
    ],
  },
];
const DRAWN: Drawn[] = [
  ...ASKED,
  {
    title: "Instances",
    unit: "per cent",
    metrics: [
      { metric: "CPUUtilization", stat: "Average", as: "CPU", namespace: INSTANCES },
      { metric: "MemoryUtilization", stat: "Average", as: "memory", namespace: INSTANCES },
    ],
  },
];
// Of inference components: per cent of what is reserved for a copy.
const DRAWN_OF_COPIES: Drawn[] = [
  ...ASKED,
  {
    title: "Copies",
    unit: "per cent",
    metrics: [
      { metric: "CPUUtilizationNormalized", stat: "Average", as: "CPU", namespace: COPIES },
      { metric: "MemoryUtilizationNormalized", stat: "Average", as: "memory", namespace: COPIES },
    ],
  },
];

interface Props {
  endpoint: DescribeEndpointOutput;
  /** The inference components that it hosts; absent where it has models of its own. */
  components?: string[] | undefined;
}

/** What an endpoint is asked, how fast it answers, and how busy it is. */
export function Load({ endpoint, components }: Props) {
  if (components) {
    const subjects = components.map((title) => ({ title, dimensions: { InferenceComponentName: title } }));
    return <Pictures drawn={DRAWN_OF_COPIES} namespace="AWS/SageMaker" subjects={subjects} />;
  }
  const subjects = (endpoint.ProductionVariants ?? []).map(({ VariantName = "" }) => ({
    title: VariantName,
    dimensions: { EndpointName: endpoint.EndpointName ?? "", VariantName },
  }));
  return <Pictures drawn={DRAWN} namespace="AWS/SageMaker" subjects={subjects} />;
}
