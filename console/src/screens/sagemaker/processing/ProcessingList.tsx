import {
  DeleteProcessingJobCommand,
  type ProcessingJobSummary,
  paginateListProcessingJobs,
  StopProcessingJobCommand,
} from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Action } from "../../../blocks/list/actions";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { runs, tookMs } from "../jobs/states";
import { Took } from "../jobs/Took";

const nameOf = (job: ProcessingJobSummary) => job.ProcessingJobName ?? "";

const columns: Column<ProcessingJobSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (job) => <GoTo to={to("sagemaker", "processing-jobs", nameOf(job))}>{nameOf(job)}</GoTo>,
    width: 300,
  },
  {
    id: "status",
    header: "Status",
    value: (job) => job.ProcessingJobStatus,
    cell: (job) => <Status of={job.ProcessingJobStatus} />,
    width: 140,
  },
  {
    id: "created",
    header: "Created",
    value: (job) => job.CreationTime,
    cell: (job) => <Ago at={job.CreationTime} />,
  },
  {
    id: "took",
    header: "Duration",
    value: (job) => tookMs(job.CreationTime, job.ProcessingEndTime, Date.now()),
    cell: (job) => <Took created={job.CreationTime} ended={job.ProcessingEndTime} />,
  },
  { id: "exit", header: "Exit message", value: (job) => job.ExitMessage, width: 240 },
  { id: "failure", header: "Failure", value: (job) => job.FailureReason, hidden: true, width: 340 },
  { id: "arn", header: "ARN", value: (job) => job.ProcessingJobArn, hidden: true, width: 420 },
];

const actions: Action<ProcessingJobSummary>[] = [
  {
    id: "stop",
    text: "Stop",
    refuses: (job) =>
      job.ProcessingJobStatus === "InProgress" ? undefined : "Only a job in progress can be stopped.",
    run: (jobs) =>
      Promise.all(
        jobs.map((job) => sagemaker().send(new StopProcessingJobCommand({ ProcessingJobName: nameOf(job) }))),
      ),
  },
];

/** All processing jobs, the newest first. */
export default function ProcessingList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Processing jobs" }]);
  const navigate = useNavigate();
  const live = useLive(
    ["sagemaker", "processingJobs"],
    () =>
      collect(
        paginateListProcessingJobs(
          { client: sagemaker() },
          { MaxResults: 100, SortBy: "CreationTime", SortOrder: "Descending" },
        ),
        (page) => page.ProcessingJobSummaries,
      ),
    { changing: (jobs) => jobs.some((job) => runs(job.ProcessingJobStatus)) },
  );
  return (
    <ResourceList
      id="sagemaker.processingJobs"
      words={{ one: "processing job", many: "processing jobs" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      actions={actions}
      remove={(job) => sagemaker().send(new DeleteProcessingJobCommand({ ProcessingJobName: nameOf(job) }))}
      removal={{
        consequence: "The job's record goes. Its log and its outputs in S3 stay.",
        refuses: (job) => (runs(job.ProcessingJobStatus) ? "Stop it first." : undefined),
      }}
      create={
        <Button variant="primary" onClick={() => void navigate("/sagemaker/create-processing-job")}>
          Create
        </Button>
      }
      empty={{
        hint: (
          <>
            A processing job runs one command with its inputs from S3 and its outputs to S3. Create one here,
            run one from a notebook with the SageMaker SDK's{" "}
            <Box variant="code">SKLearnProcessor(…).run(…)</Box>, or by{" "}
            <Box variant="code">aws sagemaker create-processing-job</Box>; it appears here at once.
          </>
        ),
      }}
    />
  );
}
