import type { DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Curves } from "../../../blocks/charts/Curves";
import { useMetrics, type Wanted } from "../../../blocks/charts/useMetrics";

const RANGES = [
  { id: "60", text: "1 hour" },
  { id: "360", text: "6 hours" },
  { id: "1440", text: "1 day" },
  { id: "10080", text: "1 week" },
];

interface Drawn {
  title: string;
  unit: string;
  metrics: { metric: string; stat: string; as: string; namespace?: string; times?: number }[];
}

// Documented: SageMaker Developer Guide, Endpoint invocation metrics; latencies are in microseconds.
const MS = 0.001;
const DRAWN: Drawn[] = [
  { title: "Requests", unit: "per period", metrics: [{ metric: "Invocations", stat: "Sum", as: "" }] },
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
  {
    title: "Instances",
    unit: "per cent",
    metrics: [
      { metric: "CPUUtilization", stat: "Average", as: "CPU", namespace: "/aws/sagemaker/Endpoints" },
      { metric: "MemoryUtilization", stat: "Average", as: "memory", namespace: "/aws/sagemaker/Endpoints" },
    ],
  },
];

/** What an endpoint is asked, how fast it answers, and how busy it is. */
export function Load({ endpoint }: { endpoint: DescribeEndpointOutput }) {
  const [minutes, setMinutes] = useState("60");
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label="Time"
        selectedId={minutes}
        options={RANGES}
        onChange={({ detail }) => setMinutes(detail.selectedId)}
      />
      <ColumnLayout columns={2}>
        {DRAWN.map((drawn) => (
          <Picture key={drawn.title} drawn={drawn} endpoint={endpoint} minutes={Number(minutes)} />
        ))}
      </ColumnLayout>
    </SpaceBetween>
  );
}

function Picture({
  drawn,
  endpoint,
  minutes,
}: {
  drawn: Drawn;
  endpoint: DescribeEndpointOutput;
  minutes: number;
}) {
  const variants = (endpoint.ProductionVariants ?? []).map(({ VariantName = "" }) => VariantName);
  const wanted: Wanted[] = variants.flatMap((VariantName) =>
    drawn.metrics.map((metric) => ({
      title: [variants.length > 1 || !metric.as ? VariantName : "", metric.as].filter(Boolean).join(" "),
      namespace: metric.namespace ?? "AWS/SageMaker",
      metric: metric.metric,
      dimensions: { EndpointName: endpoint.EndpointName ?? "", VariantName },
      stat: metric.stat,
      ...(metric.times ? { times: metric.times } : {}),
    })),
  );
  const live = useMetrics(`${endpoint.EndpointName} ${drawn.title} ${variants.join(" ")}`, wanted, {
    minutes,
  });
  return (
    <Container header={<Header variant="h3">{drawn.title}</Header>}>
      <Curves
        label={drawn.title}
        curves={live.data ?? []}
        scale="time"
        yTitle={drawn.unit}
        empty={live.refusal?.message ?? "Nothing in this time."}
      />
    </Container>
  );
}
