import {
  DescribeHyperParameterTuningJobCommand,
  type DescribeHyperParameterTuningJobResponse,
  paginateListTrainingJobsForHyperParameterTuningJob,
  StopHyperParameterTuningJobCommand,
} from "@aws-sdk/client-sagemaker";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useParams } from "react-router";
import { notify } from "../../../app/notices";
import { collect } from "../../../aws/collect";
import { Curves } from "../../../blocks/charts/Curves";
import { LiveMark } from "../../../blocks/LiveMark";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { runs } from "../jobs/states";
import { ParallelCoordinates } from "./ParallelCoordinates";
import { TrialList } from "./TrialList";
import { TuningSummary } from "./TuningSummary";
import { bestSoFar, trialOf } from "./trials";

async function read(name: string) {
  const of = { HyperParameterTuningJobName: name };
  const [job, summaries] = await Promise.all([
    sagemaker().send(new DescribeHyperParameterTuningJobCommand(of)),
    collect(
      paginateListTrainingJobsForHyperParameterTuningJob({ client: sagemaker() }, { ...of, MaxResults: 100 }),
      (page) => page.TrainingJobSummaries,
    ),
  ]);
  return { job, trials: summaries.map(trialOf) };
}

const objectiveOf = (job: DescribeHyperParameterTuningJobResponse | undefined) => {
  const objective = job?.HyperParameterTuningJobConfig?.HyperParameterTuningJobObjective;
  return { metric: objective?.MetricName ?? "objective", maximize: objective?.Type !== "Minimize" };
};

/** One tuning job: how far it is, which values do well. */
export default function TuningPage() {
  const { name = "" } = useParams();
  const live = useLive(["sagemaker", "tuningJobs", name], () => read(name), {
    changing: ({ job }) => runs(job.HyperParameterTuningJobStatus),
  });
  const { job, trials = [] } = live.data ?? {};
  const { metric, maximize } = objectiveOf(job);
  const stop = () =>
    sagemaker()
      .send(new StopHyperParameterTuningJobCommand({ HyperParameterTuningJobName: name }))
      .catch((error: unknown) => notify.error(`Stop ${name}`, error))
      .finally(live.refresh);
  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Tuning jobs", to: "/sagemaker/tuning-jobs" },
        { text: name },
      ]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={job ? undefined : live.refusal}
      actions={
        <Button disabled={job?.HyperParameterTuningJobStatus !== "InProgress"} onClick={() => void stop()}>
          Stop
        </Button>
      }
    >
      {job?.FailureReason && (
        <Alert type="error" header="The job failed">
          {job.FailureReason}
        </Alert>
      )}
      {job && <TuningSummary job={job} trials={trials} metric={metric} maximize={maximize} />}
      {job && (
        <ColumnLayout columns={2}>
          <Container header={<Header variant="h2">Best so far</Header>}>
            <Curves
              label="Best so far"
              curves={[{ title: metric, points: bestSoFar(trials, maximize) }]}
              scale="linear"
              xTitle="trials"
              empty="No trial has ended yet."
            />
          </Container>
          <Container header={<Header variant="h2">Values and results</Header>}>
            <ParallelCoordinates trials={trials} objective={metric} maximize={maximize} />
          </Container>
        </ColumnLayout>
      )}
      {job && <TrialList live={{ ...live, data: trials }} objective={metric} maximize={maximize} />}
    </Page>
  );
}
