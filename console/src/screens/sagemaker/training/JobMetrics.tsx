import type { DescribeTrainingJobResponse } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { Curves } from "../../../blocks/charts/Curves";
import { curvesIn } from "../../../blocks/charts/found";
import { useMetrics, type Wanted } from "../../../blocks/charts/useMetrics";
import { useLog } from "../../../blocks/log/useLog";

interface Props {
  job: DescribeTrainingJobResponse;
  streams: string[];
  hostOf: (stream: string) => string;
}

const GROUP = "/aws/sagemaker/TrainingJobs";

/** The curves that the job's metric definitions find, and what its instances were busy with. */
export function JobMetrics({ job, streams, hostOf }: Props) {
  const definitions = job.AlgorithmSpecification?.MetricDefinitions ?? [];
  const log = useLog(GROUP, definitions.length > 0 ? streams[0] : undefined);
  // Definitions come anew with every look at the job; their text says whether they are others.
  const words = JSON.stringify(definitions);
  const found = useMemo(() => curvesIn(log.lines, JSON.parse(words)), [log.lines, words]);
  const last = new Map(job.FinalMetricDataList?.map(({ MetricName, Value }) => [MetricName, Value]));
  return (
    <SpaceBetween size="l">
      {definitions.length === 0 && (
        <Box color="text-body-secondary">
          This job has no metric definitions. With <Box variant="code">metric_definitions</Box> of an
          estimator its loss and accuracy would be drawn here, from what it prints.
        </Box>
      )}
      <ColumnLayout columns={2}>
        {found.map(({ name, points }) => (
          <Container
            key={name}
            header={
              <Header variant="h3" info={<Last value={last.get(name)} />}>
                {name}
              </Header>
            }
          >
            <Curves
              label={name}
              curves={[{ title: name, points }]}
              scale="linear"
              xTitle="seconds"
              empty={`The log has no ${name} yet.`}
            />
          </Container>
        ))}
      </ColumnLayout>
      <Utilization job={job} hosts={streams.map(hostOf)} />
    </SpaceBetween>
  );
}

function Last({ value }: { value: number | undefined }) {
  return value === undefined ? null : <Box variant="code">{Number(value.toPrecision(5))}</Box>;
}

function Utilization({ job, hosts }: { job: DescribeTrainingJobResponse; hosts: string[] }) {
  const wanted: Wanted[] = hosts.flatMap((host) =>
    ["CPUUtilization", "MemoryUtilization"].map((metric) => ({
      title: hosts.length > 1 ? `${metric} of ${host}` : metric,
      namespace: GROUP,
      metric,
      dimensions: { Host: `${job.TrainingJobName}/${host}` },
      stat: "Average",
    })),
  );
  const from = job.TrainingStartTime ?? job.CreationTime ?? new Date();
  const live = useMetrics(`${job.TrainingJobName} ${hosts.length}`, wanted, {
    from,
    until: job.TrainingEndTime,
  });
  return (
    <Container header={<Header variant="h3">Instances</Header>}>
      <Curves
        label="Utilization of the instances"
        curves={live.data ?? []}
        scale="time"
        yTitle="per cent"
        empty={live.refusal?.message ?? "Nothing was measured: the first numbers come after some seconds."}
      />
    </Container>
  );
}
