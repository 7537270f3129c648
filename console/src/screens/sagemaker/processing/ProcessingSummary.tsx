import type { DescribeProcessingJobResponse } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Ago } from "../../../blocks/Ago";
import { KeyValues } from "../../../blocks/KeyValues";
import { RoleLink } from "../../../blocks/links/RoleLink";
import { Status } from "../../../blocks/Status";
import { useNow } from "../../../blocks/useNow";
import { phasesBetween } from "../jobs/states";
import { TimeLine } from "../jobs/TimeLine";
import { Took } from "../jobs/Took";

/** A job at a glance: its state, where its time went, what it said at its end. */
export function ProcessingSummary({ job }: { job: DescribeProcessingJobResponse }) {
  const now = useNow();
  const cluster = job.ProcessingResources?.ClusterConfig;
  const times = {
    created: job.CreationTime,
    started: job.ProcessingStartTime,
    ended: job.ProcessingEndTime,
  };
  return (
    <Container>
      <SpaceBetween size="l">
        <KeyValues
          columns={3}
          of={{
            Status: <Status of={job.ProcessingJobStatus} />,
            Role: <RoleLink arn={job.RoleArn} />,
            Instances: cluster?.InstanceType && `${cluster.InstanceCount ?? 1} × ${cluster.InstanceType}`,
            Created: <Ago at={job.CreationTime} />,
            Duration: <Took created={job.CreationTime} ended={job.ProcessingEndTime} />,
          }}
        />
        <TimeLine
          phases={phasesBetween(times, "Processing", job.ProcessingJobStatus, job.FailureReason, now)}
        />
        {job.ExitMessage && (
          <KeyValues columns={1} of={{ "Exit message": <pre className="text">{job.ExitMessage}</pre> }} />
        )}
      </SpaceBetween>
    </Container>
  );
}
