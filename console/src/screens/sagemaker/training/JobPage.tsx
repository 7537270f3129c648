import {
  DeleteTrainingJobCommand,
  DescribeTrainingJobCommand,
  StopTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import { useParams } from "react-router";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { JobFrame } from "../jobs/JobFrame";
import { runs } from "../jobs/states";
import { useJobStreams } from "../jobs/useJobStreams";
import { JobDetails } from "./JobDetails";
import { JobMetrics } from "./JobMetrics";
import { Summary } from "./Summary";

const GROUP = "/aws/sagemaker/TrainingJobs";

/** One training job: what it does, what it says, how well it goes. */
export default function JobPage() {
  const { name = "" } = useParams();
  const asked = { TrainingJobName: name };
  const live = useLive(
    ["sagemaker", "trainingJobs", name],
    () => sagemaker().send(new DescribeTrainingJobCommand(asked)),
    { changing: (job) => runs(job.TrainingJobStatus) },
  );
  const job = live.data;
  const streams = useJobStreams(GROUP, name, job?.CreationTime);
  return (
    <JobFrame
      kind="training"
      name={name}
      arn={job?.TrainingJobArn}
      live={live}
      status={job?.TrainingJobStatus}
      failure={job?.FailureReason}
      stop={() => sagemaker().send(new StopTrainingJobCommand(asked))}
      remove={{
        job: () => sagemaker().send(new DeleteTrainingJobCommand(asked)),
        consequence: "The job's record goes. Its log, its artifacts in S3 and its models stay.",
      }}
      group={GROUP}
      streams={streams}
      summary={job && <Summary job={job} />}
      tabs={
        job
          ? [
              { id: "metrics", label: "Metrics", content: <JobMetrics job={job} streams={streams} /> },
              { id: "details", label: "Configuration", content: <JobDetails job={job} /> },
            ]
          : []
      }
    />
  );
}
