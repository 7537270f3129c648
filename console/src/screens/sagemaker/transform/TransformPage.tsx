import { DescribeTransformJobCommand, StopTransformJobCommand } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useNavigate, useParams } from "react-router";
import { notify } from "../../../app/notices";
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
import { TransformDetails } from "./TransformDetails";
import { TransformSummary } from "./TransformSummary";

const GROUP = "/aws/sagemaker/TransformJobs";

/** One transform job: what it does, what it says, how its model is asked. */
export default function TransformPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const live = useLive(
    ["sagemaker", "transformJobs", name],
    () => sagemaker().send(new DescribeTransformJobCommand({ TransformJobName: name })),
    { changing: (job) => runs(job.TransformJobStatus) },
  );
  const streams = inOrder(useStreams(GROUP, `${name}/`).data);
  const job = live.data;
  const running = runs(job?.TransformJobStatus);

  const stop = () =>
    sagemaker()
      .send(new StopTransformJobCommand({ TransformJobName: name }))
      .catch((error: unknown) => notify.error(`Stop ${name}`, error))
      .finally(live.refresh);

  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Transform jobs", to: "/sagemaker/transform-jobs" },
        { text: name },
      ]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={job ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
          <Button disabled={job?.TransformJobStatus !== "InProgress"} onClick={() => void stop()}>
            Stop
          </Button>
          <Button
            disabled={!job}
            onClick={() => void navigate(`/sagemaker/create-transform-job?like=${encodeURIComponent(name)}`)}
          >
            Clone as new job
          </Button>
        </SpaceBetween>
      }
    >
      <Failure reason={job?.FailureReason} />
      {job && <TransformSummary job={job} />}
      {job && (
        <Tabs
          ariaLabel="About the job"
          tabs={[
            {
              id: "log",
              label: "Log",
              content: <JobLog group={GROUP} streams={streams} running={running} />,
            },
            {
              id: "metrics",
              label: "Metrics",
              content: (
                <Utilization
                  namespace={GROUP}
                  job={name}
                  hosts={hostsOf(job.TransformResources?.InstanceCount)}
                  from={job.TransformStartTime ?? job.CreationTime ?? new Date()}
                  until={job.TransformEndTime}
                />
              ),
            },
            { id: "details", label: "Configuration", content: <TransformDetails job={job} /> },
          ]}
        />
      )}
    </Page>
  );
}
