import {
  DeleteProcessingJobCommand,
  DescribeProcessingJobCommand,
  StopProcessingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { useParams } from "react-router";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { JobFrame } from "../jobs/JobFrame";
import { runs } from "../jobs/states";
import { hostsOf } from "../jobs/streams";
import { Utilization } from "../jobs/Utilization";
import { useJobStreams } from "../jobs/useJobStreams";
import { ProcessingData } from "./ProcessingData";
import { ProcessingDetails } from "./ProcessingDetails";
import { ProcessingSummary } from "./ProcessingSummary";

const GROUP = "/aws/sagemaker/ProcessingJobs";

/** One processing job: what it does, what it says, what it reads and makes. */
export default function ProcessingPage() {
  const { name = "" } = useParams();
  const asked = { ProcessingJobName: name };
  const live = useLive(
    ["sagemaker", "processingJobs", name],
    () => sagemaker().send(new DescribeProcessingJobCommand(asked)),
    { changing: (job) => runs(job.ProcessingJobStatus) },
  );
  const job = live.data;
  const streams = useJobStreams(GROUP, name, job?.CreationTime);
  const metrics = job && (
    <Utilization
      namespace={GROUP}
      job={name}
      hosts={hostsOf(job.ProcessingResources?.ClusterConfig?.InstanceCount)}
      from={job.ProcessingStartTime ?? job.CreationTime ?? new Date()}
      until={job.ProcessingEndTime}
    />
  );
  return (
    <JobFrame
      kind="processing"
      name={name}
      arn={job?.ProcessingJobArn}
      live={live}
      status={job?.ProcessingJobStatus}
      failure={job?.FailureReason}
      stop={() => sagemaker().send(new StopProcessingJobCommand(asked))}
      remove={{
        job: () => sagemaker().send(new DeleteProcessingJobCommand(asked)),
        consequence: "The job's record goes. Its log and its outputs in S3 stay.",
      }}
      group={GROUP}
      streams={streams}
      summary={job && <ProcessingSummary job={job} />}
      tabs={
        job
          ? [
              { id: "data", label: "Inputs and outputs", content: <ProcessingData job={job} /> },
              { id: "metrics", label: "Metrics", content: metrics },
              { id: "details", label: "Configuration", content: <ProcessingDetails job={job} /> },
            ]
          : []
      }
    />
  );
}
