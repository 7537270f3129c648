import {
  DeleteTrainingJobCommand,
  paginateListTrainingJobs,
  StopTrainingJobCommand,
  type TrainingJobSummary,
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

const nameOf = (job: TrainingJobSummary) => job.TrainingJobName ?? "";

const columns: Column<TrainingJobSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (job) => <GoTo to={to("sagemaker", "training-jobs", nameOf(job))}>{nameOf(job)}</GoTo>,
    width: 340,
  },
  {
    id: "status",
    header: "Status",
    value: (job) => job.TrainingJobStatus,
    cell: (job) => <Status of={job.TrainingJobStatus} />,
  },
  {
    id: "secondary",
    header: "Now",
    value: (job) => job.SecondaryStatus,
    cell: (job) => <Status of={job.SecondaryStatus} />,
    hidden: true,
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
    value: (job) => tookMs(job.CreationTime, job.TrainingEndTime, Date.now()),
    cell: (job) => <Took created={job.CreationTime} ended={job.TrainingEndTime} />,
  },
  { id: "arn", header: "ARN", value: (job) => job.TrainingJobArn, hidden: true, width: 420 },
];

const actions: Action<TrainingJobSummary>[] = [
  {
    id: "stop",
    text: "Stop",
    refuses: (job) =>
      job.TrainingJobStatus === "InProgress" ? undefined : "Only a job in progress can be stopped.",
    run: (jobs) =>
      Promise.all(
        jobs.map((job) => sagemaker().send(new StopTrainingJobCommand({ TrainingJobName: nameOf(job) }))),
      ),
  },
];

/** All training jobs, the newest first. */
export default function JobList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Training jobs" }]);
  const navigate = useNavigate();
  const live = useLive(
    ["sagemaker", "trainingJobs"],
    () =>
      collect(
        paginateListTrainingJobs({ client: sagemaker() }, { MaxResults: 100 }),
        (page) => page.TrainingJobSummaries,
      ),
    { changing: (jobs) => jobs.some((job) => runs(job.TrainingJobStatus)) },
  );
  return (
    <ResourceList
      id="sagemaker.trainingJobs"
      words={{ one: "training job", many: "training jobs" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      actions={actions}
      remove={(job) => sagemaker().send(new DeleteTrainingJobCommand({ TrainingJobName: nameOf(job) }))}
      removal={{
        consequence: "The job's record goes. Its log, its artifacts in S3 and its models stay.",
        refuses: (job) => (runs(job.TrainingJobStatus) ? "Stop it first." : undefined),
      }}
      create={
        <Button variant="primary" onClick={() => void navigate("/sagemaker/create-training-job")}>
          Create
        </Button>
      }
      empty={{
        hint: (
          <>
            Create one here, start one from a notebook with the SageMaker SDK's{" "}
            <Box variant="code">estimator.fit(…)</Box>, or by{" "}
            <Box variant="code">aws sagemaker create-training-job</Box>; it appears here at once.
          </>
        ),
      }}
    />
  );
}
