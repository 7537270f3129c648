import type {
  NotScaledReason,
  ScalableTarget,
  ScalingActivity,
  ScalingPolicy,
} from "@aws-sdk/client-application-auto-scaling";
import { to } from "../../../app/links";
import type { Wanted } from "../../../blocks/charts/useMetrics";
import { rowsOf, stepsInWords } from "./policies/steps";

type Named = Pick<ScalableTarget, "ServiceNamespace" | "ResourceId">;

/** `endpoint/E/variant/V` and `function:F:Q` → what stands in them. */
export function partsOf({ ServiceNamespace, ResourceId = "" }: Named): { first: string; second: string } {
  const parts = ResourceId.split(ServiceNamespace === "sagemaker" ? "/" : ":");
  return ServiceNamespace === "sagemaker"
    ? { first: parts[1] ?? "", second: parts[3] ?? "" }
    : { first: parts[1] ?? "", second: parts[2] ?? "" };
}

/** Where the thing itself is. */
export function addressOf(target: Named): string {
  const { first } = partsOf(target);
  return target.ServiceNamespace === "sagemaker"
    ? to("sagemaker", "endpoints", first)
    : to("lambda", "functions", first);
}

/** `classifier, AllTraffic`. */
export const nameOf = (target: Named): string => {
  const { first, second } = partsOf(target);
  return `${first}, ${second}`;
};

/** `instances` or `environments`. */
export const nounOf = ({ ServiceNamespace }: Named): string =>
  ServiceNamespace === "sagemaker" ? "instances" : "environments kept warm";

/** What a policy does: `holds 100 SageMakerVariantInvocationsPerInstance`, or its steps. */
export function doesOf({
  PolicyType,
  TargetTrackingScalingPolicyConfiguration: tracking,
  StepScalingPolicyConfiguration: steps,
}: ScalingPolicy): string {
  if (steps)
    return `from the threshold on, ${stepsInWords(rowsOf(steps.StepAdjustments ?? []), steps.AdjustmentType ?? "ChangeInCapacity")}`;
  if (!tracking) return PolicyType ?? "";
  const metric =
    tracking.PredefinedMetricSpecification?.PredefinedMetricType ??
    tracking.CustomizedMetricSpecification?.MetricName ??
    "a metric";
  return `holds ${tracking.TargetValue} ${metric}`;
}

/** `MyPolicy: holds 100 SageMakerVariantInvocationsPerInstance`. */
export const wordsOf = (policy: ScalingPolicy): string => `${policy.PolicyName}: ${doesOf(policy)}`;

// Documented: Application Auto Scaling API Reference, NotScaledReason.
const REASONS: Record<string, string> = {
  AutoScalingAnticipatedFlapping: "it would have gone back at once",
  TargetServicePutResourceAsUnscalable: "the service says that it cannot be scaled now",
  AlreadyAtMaxCapacity: "it is at its maximum",
  AlreadyAtMinCapacity: "it is at its minimum",
  AlreadyAtDesiredCapacity: "it has what is wanted",
};

/** A code of a NotScaledReason in words; what is none of AWS's stays. */
export const reasonOf = (code: string): string => REASONS[code] ?? code;

/** Why an activity scaled nothing; empty where it scaled. */
export const notScaled = (reasons: NotScaledReason[] | undefined): string =>
  (reasons ?? [])
    .map(({ Code = "", MaxCapacity, MinCapacity, CurrentCapacity }) => {
      const number = MaxCapacity ?? MinCapacity ?? CurrentCapacity;
      return `${reasonOf(Code)}${number === undefined ? "" : ` (${number})`}`;
    })
    .join("; ");

/** The capacity that an activity set, as AWS's words have it: `Setting desired instance count to 2.` */
export function setBy({ Description = "" }: ScalingActivity): number | undefined {
  const found = /^Setting desired .* to (\d+)\.?$/.exec(Description);
  return found ? Number(found[1]) : undefined;
}

interface Point {
  x: Date;
  y: number;
}

/**
 * A target's capacity over time as its activities tell it, as steps: two points for each change.
 *
 * Before the first change it is not known; where the activities set nothing, it is what it is now.
 */
export function stepsOf(
  activities: ScalingActivity[],
  desired: number | undefined,
  from: Date,
  until: Date,
): Point[] {
  const sets = activities
    .filter(({ NotScaledReasons, StatusCode }) => !NotScaledReasons?.length && StatusCode !== "Failed")
    .flatMap((one): Point[] => {
      const y = setBy(one);
      return y === undefined || !one.StartTime ? [] : [{ x: one.StartTime, y }];
    })
    .toSorted((a, b) => a.x.getTime() - b.x.getTime());
  const before = sets.filter(({ x }) => x < from).at(-1);
  const within = sets.filter(({ x }) => x >= from && x <= until);
  const points: Point[] = before ? [{ x: from, y: before.y }] : [];
  for (const { x, y } of within) {
    const last = points.at(-1);
    if (last) points.push({ x, y: last.y });
    points.push({ x, y });
  }
  const end = points.at(-1)?.y ?? desired;
  if (end === undefined) return [];
  if (points.length === 0) points.push({ x: from, y: end });
  points.push({ x: until, y: end });
  // Somebody else has set it since, by hand or by an update.
  if (desired !== undefined && desired !== end) points.push({ x: until, y: desired });
  return points;
}

/** The load of a target, and the line that its policies hold it to. */
export interface Load {
  wanted: Wanted;
  unit: string;
  /** Target values of policies on that metric. */
  lines: { title: string; value: number }[];
}

/** What scales a target: invocations of each instance a minute, or the share of what is kept warm. */
export function loadOf(target: Named, policies: ScalingPolicy[]): Load {
  const { first, second } = partsOf(target);
  const lines = policies.flatMap(({ PolicyName = "", TargetTrackingScalingPolicyConfiguration: tracking }) =>
    tracking?.TargetValue !== undefined && tracking.PredefinedMetricSpecification
      ? [{ title: `target of ${PolicyName}`, value: tracking.TargetValue }]
      : [],
  );
  if (target.ServiceNamespace === "sagemaker")
    return {
      unit: "invocations of each instance a minute",
      wanted: {
        title: "invocations of each instance",
        namespace: "AWS/SageMaker",
        metric: "InvocationsPerInstance",
        dimensions: { EndpointName: first, VariantName: second },
        stat: "Sum",
      },
      lines,
    };
  return {
    unit: "share of what is kept warm",
    wanted: {
      title: "utilization",
      namespace: "AWS/Lambda",
      metric: "ProvisionedConcurrencyUtilization",
      dimensions: { FunctionName: first, Resource: `${first}:${second}` },
      stat: "Average",
    },
    lines,
  };
}
