import { DescribeTransformJobCommand, StopTransformJobCommand } from "@aws-sdk/client-sagemaker";
import { useParams } from "react-router";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { JobFrame } from "../jobs/JobFrame";
import { runs } from "../jobs/states";
import { hostsOf } from "../jobs/streams";
import { Utilization } from "../jobs/Utilization";
import { useJobStreams } from "../jobs/useJobStreams";
import { TransformDetails } from "./TransformDetails";
import { TransformSummary } from "./TransformSummary";

const GROUP = "/aws/sagemaker/TransformJobs";

/** One transform job: what it does, what it says, how its model is asked. */
export default function TransformPage() {
  const { name = "" } = useParams();
  const asked = { TransformJobName: name };
  const live = useLive(
    ["sagemaker", "transformJobs", name],
    () => sagemaker().send(new DescribeTransformJobCommand(asked)),
    { changing: (job) => runs(job.TransformJobStatus) },
  );
  const job = live.data;
  const streams = useJobStreams(GROUP, name, job?.CreationTime);
  const metrics = job && (
    <Utilization
      namespace={GROUP}
      job={name}
      hosts={hostsOf(job.TransformResources?.InstanceCount)}
      from={job.TransformStartTime ?? job.CreationTime ?? new Date()}
      until={job.TransformEndTime}
    />
  );
  return (
    <JobFrame
      kind="transform"
      name={name}
      arn={job?.TransformJobArn}
      live={live}
      status={job?.TransformJobStatus}
      failure={job?.FailureReason}
      stop={() => sagemaker().send(new StopTransformJobCommand(asked))}
      group={GROUP}
      streams={streams}
      summary={job && <TransformSummary job={job} />}
      tabs={
        job
          ? [
              { id: "metrics", label: "Metrics", content: metrics },
              { id: "details", label: "Configuration", content: <TransformDetails job={job} /> },
            ]
          : []
      }
    />
  );
}
