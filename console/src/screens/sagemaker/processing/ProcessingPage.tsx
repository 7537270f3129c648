import {
  DeleteProcessingJobCommand,
  DescribeProcessingJobCommand,
  StopProcessingJobCommand,
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
import { hostsOf, inOrder } from "../jobs/streams";
import { Utilization } from "../jobs/Utilization";
import { ProcessingData } from "./ProcessingData";
import { ProcessingDetails } from "./ProcessingDetails";
import { ProcessingSummary } from "./ProcessingSummary";

const GROUP = "/aws/sagemaker/ProcessingJobs";

/** One processing job: what it does, what it says, what it reads and makes. */
export default function ProcessingPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(
    ["sagemaker", "processingJobs", name],
    () => sagemaker().send(new DescribeProcessingJobCommand({ ProcessingJobName: name })),
    { changing: (job) => runs(job.ProcessingJobStatus) },
  );
  const streams = inOrder(useStreams(GROUP, `${name}/`).data);
  const job = live.data;
  const running = runs(job?.ProcessingJobStatus);

  const stop = () =>
    sagemaker()
      .send(new StopProcessingJobCommand({ ProcessingJobName: name }))
      .catch((error: unknown) => notify.error(`Stop ${name}`, error))
      .finally(live.refresh);

  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Processing jobs", to: "/sagemaker/processing-jobs" },
        { text: name },
      ]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={job ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
          <Button disabled={job?.ProcessingJobStatus !== "InProgress"} onClick={() => void stop()}>
            Stop
          </Button>
          <Button
            disabled={!job}
            onClick={() => void navigate(`/sagemaker/create-processing-job?like=${encodeURIComponent(name)}`)}
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
      {job && <ProcessingSummary job={job} />}
      {job && (
        <Tabs
          ariaLabel="About the job"
          tabs={[
            {
              id: "log",
              label: streams.length > 1 ? `Log of ${streams.length} hosts` : "Log",
              content: <JobLog group={GROUP} streams={streams} running={running} />,
            },
            { id: "data", label: "Inputs and outputs", content: <ProcessingData job={job} /> },
            {
              id: "metrics",
              label: "Metrics",
              content: (
                <Utilization
                  namespace={GROUP}
                  job={name}
                  hosts={hostsOf(job.ProcessingResources?.ClusterConfig?.InstanceCount)}
                  from={job.ProcessingStartTime ?? job.CreationTime ?? new Date()}
                  until={job.ProcessingEndTime}
                />
              ),
            },
            { id: "details", label: "Configuration", content: <ProcessingDetails job={job} /> },
          ]}
        />
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "processing job", many: "processing jobs" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => sagemaker().send(new DeleteProcessingJobCommand({ ProcessingJobName: name }))}
          consequence="The job's record goes. Its log and its outputs in S3 stay."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/sagemaker/processing-jobs");
          }}
        />
      )}
    </Page>
  );
}
