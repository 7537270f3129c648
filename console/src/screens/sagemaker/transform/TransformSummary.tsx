import type { DescribeTransformJobResponse } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { KeyValues } from "../../../blocks/KeyValues";
import { GoTo } from "../../../blocks/links/GoTo";
import { S3Link } from "../../../blocks/links/S3Link";
import { Status } from "../../../blocks/Status";
import { useNow } from "../../../blocks/useNow";
import { folderOf } from "../jobs/folder";
import { phasesBetween } from "../jobs/states";
import { TimeLine } from "../jobs/TimeLine";
import { Took } from "../jobs/Took";
import { ModelRole } from "./ModelRole";

/** A job at a glance: its state, its model, where its time went, what it reads and makes. */
export function TransformSummary({ job }: { job: DescribeTransformJobResponse }) {
  const now = useNow();
  const resources = job.TransformResources;
  const model = job.ModelName ?? "";
  const times = { created: job.CreationTime, started: job.TransformStartTime, ended: job.TransformEndTime };
  return (
    <Container>
      <SpaceBetween size="l">
        <KeyValues
          columns={3}
          of={{
            Status: <Status of={job.TransformJobStatus} />,
            Model: <GoTo to={to("sagemaker", "models", model)}>{model}</GoTo>,
            Role: <ModelRole model={model} />,
            Instances:
              resources?.InstanceType && `${resources.InstanceCount ?? 1} × ${resources.InstanceType}`,
            Created: <Ago at={job.CreationTime} />,
            Duration: <Took created={job.CreationTime} ended={job.TransformEndTime} />,
          }}
        />
        <TimeLine
          phases={phasesBetween(times, "Transforming", job.TransformJobStatus, job.FailureReason, now)}
        />
        <KeyValues
          columns={2}
          of={{
            Input: <S3Link uri={job.TransformInput?.DataSource?.S3DataSource?.S3Uri} />,
            Output: <S3Link uri={folderOf(job.TransformOutput?.S3OutputPath)} />,
          }}
        />
      </SpaceBetween>
    </Container>
  );
}
