import type {
  MetricType,
  PutScalingPolicyCommandInput,
  ScalableTarget,
  ScalingPolicy,
  TargetTrackingScalingPolicyConfiguration,
} from "@aws-sdk/client-application-auto-scaling";
import { areCounts, areNumbers } from "../../../../blocks/formats/numbers";
import { type AdjustmentType, adjustmentsOf, faultsOf, firstRows, type Row, rowsOf } from "./steps";

/** A policy as a form has it. */
export interface PolicyForm {
  name: string;
  kind: "TargetTrackingScaling" | "StepScaling";
  /** Of target tracking: the value, and pauses in seconds; empty for the service's own. */
  value: string;
  outCooldown: string;
  inCooldown: string;
  neverIn: boolean;
  /** Of steps. */
  type: AdjustmentType;
  rows: Row[];
  cooldown: string;
  aggregation: "Average" | "Minimum" | "Maximum";
  /** The least change of a percentage; empty for none. */
  magnitude: string;
}

const text = (value: number | undefined) => String(value ?? "");

/** What a policy is, or what a new one begins as. */
export function formOf(policy: ScalingPolicy | undefined, target: ScalableTarget): PolicyForm {
  const tracking = policy?.TargetTrackingScalingPolicyConfiguration;
  const steps = policy?.StepScalingPolicyConfiguration;
  const isVariant = target.ServiceNamespace === "sagemaker";
  return {
    name: policy?.PolicyName ?? "",
    kind: steps ? "StepScaling" : "TargetTrackingScaling",
    value: text(tracking?.TargetValue ?? (isVariant ? 600 : 0.7)),
    outCooldown: text(tracking?.ScaleOutCooldown),
    inCooldown: text(tracking?.ScaleInCooldown),
    neverIn: tracking?.DisableScaleIn ?? false,
    type: steps?.AdjustmentType ?? "ChangeInCapacity",
    rows: steps ? rowsOf(steps.StepAdjustments ?? []) : firstRows(true),
    cooldown: text(steps?.Cooldown),
    aggregation: (steps?.MetricAggregationType as PolicyForm["aggregation"]) ?? "Average",
    magnitude: text(steps?.MinAdjustmentMagnitude),
  };
}

const METRICS: Record<string, MetricType> = {
  sagemaker: "SageMakerVariantInvocationsPerInstance",
  lambda: "LambdaProvisionedConcurrencyUtilization",
};

/** Empty, or a count: seconds. */
const isOptional = (...texts: string[]) => texts.every((one) => one.trim() === "" || areCounts(one));

export function isPolicyForm(form: PolicyForm): boolean {
  if (form.name.trim() === "") return false;
  if (form.kind === "TargetTrackingScaling")
    return areNumbers(form.value) && Number(form.value) > 0 && isOptional(form.outCooldown, form.inCooldown);
  return faultsOf(form.rows, form.type).length === 0 && isOptional(form.cooldown, form.magnitude);
}

/** The thing that a policy is of. */
export const ofTarget = ({ ServiceNamespace, ResourceId, ScalableDimension }: ScalableTarget) => ({
  ServiceNamespace,
  ResourceId,
  ScalableDimension,
});

const count = <K extends string>(name: K, value: string) =>
  (value.trim() === "" ? {} : { [name]: Number(value) }) as Partial<Record<K, number>>;

/** What PutScalingPolicy is told; a metric of one's own stays as it was, which the form does not show. */
export function policyOf(
  form: PolicyForm,
  target: ScalableTarget,
  before: TargetTrackingScalingPolicyConfiguration | undefined,
): PutScalingPolicyCommandInput {
  const common = { ...ofTarget(target), PolicyName: form.name.trim(), PolicyType: form.kind };
  if (form.kind === "TargetTrackingScaling") {
    const own = before?.CustomizedMetricSpecification;
    const PredefinedMetricType = METRICS[target.ServiceNamespace ?? ""];
    return {
      ...common,
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: Number(form.value),
        ...(own
          ? { CustomizedMetricSpecification: own }
          : {
              PredefinedMetricSpecification: before?.PredefinedMetricSpecification ?? {
                PredefinedMetricType,
              },
            }),
        ...count("ScaleOutCooldown", form.outCooldown),
        ...count("ScaleInCooldown", form.inCooldown),
        ...(form.neverIn ? { DisableScaleIn: true } : {}),
      },
    };
  }
  return {
    ...common,
    StepScalingPolicyConfiguration: {
      AdjustmentType: form.type,
      StepAdjustments: adjustmentsOf(form.rows),
      MetricAggregationType: form.aggregation,
      ...count("Cooldown", form.cooldown),
      ...(form.type === "PercentChangeInCapacity" ? count("MinAdjustmentMagnitude", form.magnitude) : {}),
    },
  };
}
