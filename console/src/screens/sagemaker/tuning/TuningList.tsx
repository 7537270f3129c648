import {
  type HyperParameterTuningJobSummary,
  paginateListHyperParameterTuningJobs,
  StopHyperParameterTuningJobCommand,
} from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
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
import { runs } from "../jobs/states";

type Job = HyperParameterTuningJobSummary;

const nameOf = (job: Job) => job.HyperParameterTuningJobName ?? "";

function ended(job: Job): number {
  const { Completed = 0, NonRetryableError = 0, Stopped = 0 } = job.TrainingJobStatusCounters ?? {};
  return Completed + NonRetryableError + Stopped;
}

const columns: Column<Job>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (job) => <GoTo to={to("sagemaker", "tuning-jobs", nameOf(job))}>{nameOf(job)}</GoTo>,
    width: 340,
  },
  {
    id: "status",
    header: "Status",
    value: (job) => job.HyperParameterTuningJobStatus,
    cell: (job) => <Status of={job.HyperParameterTuningJobStatus} />,
  },
  {
    id: "trials",
    header: "Trials ended",
    value: ended,
    cell: (job) => `${ended(job)} of ${job.ResourceLimits?.MaxNumberOfTrainingJobs ?? "?"}`,
  },
  { id: "strategy", header: "Strategy", value: (job) => job.Strategy },
  {
    id: "created",
    header: "Created",
    value: (job) => job.CreationTime,
    cell: (job) => <Ago at={job.CreationTime} />,
  },
];

const actions: Action<Job>[] = [
  {
    id: "stop",
    text: "Stop",
    refuses: (job) =>
      job.HyperParameterTuningJobStatus === "InProgress"
        ? undefined
        : "Only a job in progress can be stopped.",
    run: (jobs) =>
      Promise.all(
        jobs.map((job) =>
          sagemaker().send(
            new StopHyperParameterTuningJobCommand({ HyperParameterTuningJobName: nameOf(job) }),
          ),
        ),
      ),
  },
];

/** All tuning jobs, the newest first. */
export default function TuningList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Tuning jobs" }]);
  const live = useLive(
    ["sagemaker", "tuningJobs"],
    () =>
      collect(
        paginateListHyperParameterTuningJobs({ client: sagemaker() }, { MaxResults: 100 }),
        (page) => page.HyperParameterTuningJobSummaries,
      ),
    { changing: (jobs) => jobs.some((job) => runs(job.HyperParameterTuningJobStatus)) },
  );
  return (
    <ResourceList
      id="sagemaker.tuningJobs"
      words={{ one: "tuning job", many: "tuning jobs" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      actions={actions}
      empty={{
        hint: (
          <>
            A tuning job tries values of hyperparameters: the SageMaker SDK's{" "}
            <Box variant="code">HyperparameterTuner</Box> starts one.
          </>
        ),
      }}
    />
  );
}
