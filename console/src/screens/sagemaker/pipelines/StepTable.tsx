import type { PipelineExecutionStep } from "@aws-sdk/client-sagemaker";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";
import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import { Status } from "../../../blocks/Status";
import { Took } from "../jobs/Took";

const PAGES = {
  TrainingJob: "training-jobs",
  ProcessingJob: "processing-jobs",
  TransformJob: "transform-jobs",
  TuningJob: "tuning-jobs",
  Model: "models",
} as const;

/** The steps of an execution that began: their state, what they made, and why one failed. */
export function StepTable({ steps }: { steps: PipelineExecutionStep[] }) {
  return (
    <Table
      variant="container"
      header={<Header counter={`(${steps.length})`}>Steps that began</Header>}
      items={steps}
      wrapLines
      trackBy={(step) => step.StepName ?? ""}
      empty="None began yet."
      columnDefinitions={[
        { id: "name", header: "Step", cell: (step) => step.StepName },
        { id: "status", header: "Status", minWidth: 130, cell: (step) => <Status of={step.StepStatus} /> },
        {
          id: "took",
          header: "Duration",
          cell: (step) => <Took created={step.StartTime} ended={step.EndTime} />,
        },
        { id: "made", header: "Job, log, outcome", cell: (step) => <Made step={step} /> },
        { id: "why", header: "Reason", cell: (step) => step.FailureReason ?? "–" },
      ]}
    />
  );
}

function Made({ step }: { step: PipelineExecutionStep }) {
  const metadata = step.Metadata ?? {};
  const how = step.CacheHitResult
    ? " (from the cache)"
    : step.SelectiveExecutionResult
      ? " (of the source execution)"
      : (step.AttemptCount ?? 1) > 1
        ? ` (attempt ${step.AttemptCount ?? 1})`
        : "";
  for (const [kind, page] of Object.entries(PAGES)) {
    const check = metadata.QualityCheck ?? metadata.ClarifyCheck;
    const checked = kind === "ProcessingJob" ? check?.CheckJobArn : undefined;
    const arn = checked ?? metadata[kind as keyof typeof PAGES]?.Arn;
    const name = arn?.split("/").pop();
    if (name)
      return (
        <>
          <GoTo to={to("sagemaker", page, name)}>{name}</GoTo>
          {how}
        </>
      );
  }
  if (metadata.Condition) return <>{metadata.Condition.Outcome}</>;
  if (metadata.Lambda) {
    const name = metadata.Lambda.Arn?.split(":").pop() ?? "";
    const said = (metadata.Lambda.OutputParameters ?? [])
      .map((one) => `${one.Name} = ${one.Value}`)
      .join(", ");
    return (
      <>
        <GoTo to={to("lambda", "functions", name)}>{name}</GoTo>
        {said && `: ${said}`}
        {how}
      </>
    );
  }
  return <>{metadata.RegisterModel?.Arn ?? metadata.Fail?.ErrorMessage ?? "–"}</>;
}
