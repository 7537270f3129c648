import type { DescribeTrainingJobResponse } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Ago } from "../../../blocks/Ago";
import { duration } from "../../../blocks/formats/amounts";
import { KeyValues } from "../../../blocks/KeyValues";
import { S3Link } from "../../../blocks/links/S3Link";
import { Status } from "../../../blocks/Status";
import { useNow } from "../../../blocks/useNow";
import { phasesOf } from "../jobs/states";
import { TimeLine } from "../jobs/TimeLine";

/** A job at a glance: its state, where its time went, what it made. */
export function Summary({ job }: { job: DescribeTrainingJobResponse }) {
  const now = useNow();
  const phases = phasesOf(job.SecondaryStatusTransitions, now);
  const instances = job.ResourceConfig;
  return (
    <Container>
      <SpaceBetween size="l">
        <KeyValues
          columns={4}
          of={{
            Status: <Status of={job.TrainingJobStatus} />,
            Instances: instances?.InstanceType
              ? `${instances.InstanceCount ?? 1} × ${instances.InstanceType}`
              : undefined,
            Created: <Ago at={job.CreationTime} />,
            "Billable time":
              job.BillableTimeInSeconds === undefined ? "–" : duration(job.BillableTimeInSeconds * 1000),
          }}
        />
        <TimeLine phases={phases} />
        <KeyValues columns={1} of={{ Artifacts: <S3Link uri={job.ModelArtifacts?.S3ModelArtifacts} /> }} />
      </SpaceBetween>
    </Container>
  );
}
