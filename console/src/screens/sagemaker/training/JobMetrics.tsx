import type { DescribeTrainingJobResponse } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { Curves } from "../../../blocks/charts/Curves";
import { curvesIn } from "../../../blocks/charts/found";
import { useLog } from "../../../blocks/log/useLog";
import { hostOf } from "../jobs/streams";
import { Utilization } from "../jobs/Utilization";

interface Props {
  job: DescribeTrainingJobResponse;
  streams: string[];
}

const GROUP = "/aws/sagemaker/TrainingJobs";

/** The curves that the job's metric definitions find, and what its instances were busy with. */
export function JobMetrics({ job, streams }: Props) {
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
      <Utilization
        namespace={GROUP}
        job={job.TrainingJobName ?? ""}
        hosts={streams.map(hostOf)}
        from={job.TrainingStartTime ?? job.CreationTime ?? new Date()}
        until={job.TrainingEndTime}
      />
    </SpaceBetween>
  );
}

function Last({ value }: { value: number | undefined }) {
  return value === undefined ? null : <Box variant="code">{Number(value.toPrecision(5))}</Box>;
}
