import {
  paginateListTransformJobs,
  StopTransformJobCommand,
  type TransformJobSummary,
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

const nameOf = (job: TransformJobSummary) => job.TransformJobName ?? "";

const columns: Column<TransformJobSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (job) => <GoTo to={to("sagemaker", "transform-jobs", nameOf(job))}>{nameOf(job)}</GoTo>,
    width: 300,
  },
  {
    id: "status",
    header: "Status",
    value: (job) => job.TransformJobStatus,
    cell: (job) => <Status of={job.TransformJobStatus} />,
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
    value: (job) => tookMs(job.CreationTime, job.TransformEndTime, Date.now()),
    cell: (job) => <Took created={job.CreationTime} ended={job.TransformEndTime} />,
  },
  { id: "failure", header: "Failure", value: (job) => job.FailureReason, width: 240 },
  { id: "arn", header: "ARN", value: (job) => job.TransformJobArn, hidden: true, width: 420 },
];

const actions: Action<TransformJobSummary>[] = [
  {
    id: "stop",
    text: "Stop",
    refuses: (job) =>
      job.TransformJobStatus === "InProgress" ? undefined : "Only a job in progress can be stopped.",
    run: (jobs) =>
      Promise.all(
        jobs.map((job) => sagemaker().send(new StopTransformJobCommand({ TransformJobName: nameOf(job) }))),
      ),
  },
];

/** All transform jobs, the newest first. AWS deletes none. */
export default function TransformList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Transform jobs" }]);
  const navigate = useNavigate();
  const live = useLive(
    ["sagemaker", "transformJobs"],
    () =>
      collect(
        paginateListTransformJobs(
          { client: sagemaker() },
          { MaxResults: 100, SortBy: "CreationTime", SortOrder: "Descending" },
        ),
        (page) => page.TransformJobSummaries,
      ),
    { changing: (jobs) => jobs.some((job) => runs(job.TransformJobStatus)) },
  );
  return (
    <ResourceList
      id="sagemaker.transformJobs"
      words={{ one: "transform job", many: "transform jobs" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      actions={actions}
      create={
        <Button variant="primary" onClick={() => void navigate("/sagemaker/create-transform-job")}>
          Create
        </Button>
      }
      empty={{
        hint: (
          <>
            A transform job asks a model for each record of the objects under a prefix, and stores the
            answers: no endpoint is needed. Create one here, from a model's page, with the SageMaker SDK's{" "}
            <Box variant="code">transformer(…).transform(…)</Box>, or by{" "}
            <Box variant="code">aws sagemaker create-transform-job</Box>; it appears here at once.
          </>
        ),
      }}
    />
  );
}
