import type { DescribeHyperParameterTuningJobResponse } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { to } from "../../../app/links";
import { KeyValues } from "../../../blocks/KeyValues";
import { GoTo } from "../../../blocks/links/GoTo";
import { Status } from "../../../blocks/Status";
import { runs } from "../jobs/states";
import type { Trial } from "./trials";

interface Props {
  job: DescribeHyperParameterTuningJobResponse;
  trials: Trial[];
  metric: string;
  maximize: boolean;
}

/** A tuning job at a glance. */
export function TuningSummary({ job, trials, metric, maximize }: Props) {
  const configuration = job.HyperParameterTuningJobConfig;
  const most = configuration?.ResourceLimits?.MaxNumberOfTrainingJobs ?? 0;
  const ended = trials.filter((trial) => !runs(trial.status)).length;
  const best = job.BestTrainingJob;
  return (
    <Container>
      <SpaceBetween size="m">
        <KeyValues
          columns={4}
          of={{
            Status: <Status of={job.HyperParameterTuningJobStatus} />,
            Strategy: configuration?.Strategy,
            Objective: `${maximize ? "largest" : "smallest"} ${metric}`,
            "Best so far": best ? (
              <>
                <Box variant="strong">{best.FinalHyperParameterTuningJobObjectiveMetric?.Value}</Box> by{" "}
                <GoTo to={to("sagemaker", "training-jobs", best.TrainingJobName ?? "")}>
                  {best.TrainingJobName}
                </GoTo>
              </>
            ) : undefined,
          }}
        />
        <ProgressBar
          value={most > 0 ? (100 * ended) / most : 0}
          description={`${ended} of ${most} trials have ended`}
          ariaLabel="Trials"
        />
      </SpaceBetween>
    </Container>
  );
}
