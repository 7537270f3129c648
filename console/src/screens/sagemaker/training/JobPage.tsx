import {
  DeleteTrainingJobCommand,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobResponse,
  StopTrainingJobCommand,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { notify } from "../../../app/notices";
import { DeleteModal } from "../../../blocks/DeleteModal";
import { LiveMark } from "../../../blocks/LiveMark";
import { useStreams } from "../../../blocks/log/useStreams";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { Failure } from "../jobs/Failure";
import { JobLog } from "../jobs/JobLog";
import { runs } from "../jobs/states";
import { inOrder } from "../jobs/streams";
import { JobDetails } from "./JobDetails";
import { JobMetrics } from "./JobMetrics";
import { Summary } from "./Summary";

const GROUP = "/aws/sagemaker/TrainingJobs";

/** One training job: what it does, what it says, how well it goes. */
export default function JobPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(
    ["sagemaker", "trainingJobs", name],
    () => sagemaker().send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    { changing: (job) => runs(job.TrainingJobStatus) },
  );
  const streams = useStreams(GROUP, `${name}/`);
  const hosts = inOrder(streams.data);
  const job = live.data;
  const running = runs(job?.TrainingJobStatus);

  const stop = () =>
    sagemaker()
      .send(new StopTrainingJobCommand({ TrainingJobName: name }))
      .catch((error: unknown) => notify.error(`Stop ${name}`, error))
      .finally(live.refresh);

  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Training jobs", to: "/sagemaker/training-jobs" },
        { text: name },
      ]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={job ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
          <Button disabled={job?.TrainingJobStatus !== "InProgress"} onClick={() => void stop()}>
            Stop
          </Button>
          <Button
            disabled={!job}
            onClick={() => void navigate(`/sagemaker/create-training-job?like=${encodeURIComponent(name)}`)}
          >
            Clone as new job
          </Button>
          <Button disabled={!job || running} onClick={() => setDeleting(true)}>
            Delete
          </Button>
        </SpaceBetween>
      }
    >
      <Failure reason={job?.FailureReason} />
      {job && <Summary job={job} />}
      {job && (
        <Tabs
          ariaLabel="About the job"
          tabs={[
            {
              id: "log",
              label: hosts.length > 1 ? `Log of ${hosts.length} hosts` : "Log",
              content: <JobLog group={GROUP} streams={hosts} running={running} />,
            },
            {
              id: "metrics",
              label: "Metrics",
              content: <JobMetrics job={job} streams={hosts} />,
            },
            { id: "details", label: "Configuration", content: <JobDetails job={job} /> },
          ]}
        />
      )}
      {deleting && (
        <DeleteModal<DescribeTrainingJobResponse>
          words={{ one: "training job", many: "training jobs" }}
          items={job ? [job] : []}
          nameOf={() => name}
          remove={() => sagemaker().send(new DeleteTrainingJobCommand({ TrainingJobName: name }))}
          consequence="The job's record goes. Its log, its artifacts in S3 and its models stay."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/sagemaker/training-jobs");
          }}
        />
      )}
    </Page>
  );
}
