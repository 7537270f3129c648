import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { Curves } from "./Curves";
import { useMetrics, type Wanted } from "./useMetrics";

const RANGES = [
  { id: "60", text: "1 hour" },
  { id: "360", text: "6 hours" },
  { id: "1440", text: "1 day" },
  { id: "10080", text: "1 week" },
];

/** One picture: some metrics on one axis. */
export interface Drawn {
  title: string;
  unit: string;
  metrics: {
    metric: string;
    stat: string;
    /** What its curve is called. */
    as: string;
    /** Another than that of the other pictures. */
    namespace?: string;
    /** What values are multiplied by. */
    times?: number;
  }[];
}

/** What is drawn: each picture has a curve of each metric for each of them. */
export interface Subject {
  /** Stands before the curve's own title, where there are several. */
  title: string;
  dimensions: Record<string, string>;
}

interface Props {
  drawn: Drawn[];
  namespace: string;
  subjects: Subject[];
}

/** Metrics over time, two pictures beside one another, with a choice of how far back. */
export function Pictures({ drawn, namespace, subjects }: Props) {
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
        {drawn.map((one) => (
          <Picture
            key={one.title}
            drawn={one}
            namespace={namespace}
            subjects={subjects}
            minutes={Number(minutes)}
          />
        ))}
      </ColumnLayout>
    </SpaceBetween>
  );
}

interface PictureProps {
  drawn: Drawn;
  namespace: string;
  subjects: Subject[];
  minutes: number;
}

function Picture({ drawn, namespace, subjects, minutes }: PictureProps) {
  const wanted: Wanted[] = subjects.flatMap((subject) =>
    drawn.metrics.map((metric) => ({
      title: [subjects.length > 1 ? subject.title : "", metric.as].filter(Boolean).join(" "),
      namespace: metric.namespace ?? namespace,
      metric: metric.metric,
      dimensions: subject.dimensions,
      stat: metric.stat,
      ...(metric.times ? { times: metric.times } : {}),
    })),
  );
  const live = useMetrics(JSON.stringify(wanted), wanted, { minutes });
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
