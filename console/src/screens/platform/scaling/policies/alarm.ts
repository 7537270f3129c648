import type { ComparisonOperator, MetricAlarm, PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import { partsOf } from "../words";

type Named = Parameters<typeof partsOf>[0];

/** A metric that an alarm of a target may watch. */
export interface Watched {
  id: string;
  label: string;
  namespace: string;
  metric: string;
  statistic: "Average" | "Sum" | "Maximum";
}

const ENDPOINTS = "AWS/SageMaker";
const INSTANCES = "/aws/sagemaker/Endpoints";

const metric = (
  namespace: string,
  name: string,
  statistic: Watched["statistic"],
  label: string,
): Watched => ({ id: `${namespace} ${name}`, label, namespace, metric: name, statistic });

/** Of a variant of an endpoint: step policies are for these alone. */
export const METRICS: Watched[] = [
  metric(ENDPOINTS, "InvocationsPerInstance", "Sum", "Invocations of each instance"),
  metric(ENDPOINTS, "Invocations", "Sum", "Invocations"),
  metric(ENDPOINTS, "ModelLatency", "Average", "Model latency, microseconds"),
  metric(ENDPOINTS, "OverheadLatency", "Average", "Overhead latency, microseconds"),
  metric(ENDPOINTS, "Invocation5XXErrors", "Sum", "Answers with 5XX"),
  metric(INSTANCES, "CPUUtilization", "Average", "Processors, 100 for each that is busy"),
  metric(INSTANCES, "MemoryUtilization", "Average", "Memory, percent"),
];

/** How the alarm is come by: made here, one that is there, or none for now. */
export interface AlarmWish {
  how: "make" | "take" | "none";
  metric: string;
  above: boolean;
  threshold: string;
  periods: string;
  /** Of one that is there. */
  name: string;
}

export const FIRST_ALARM: AlarmWish = {
  how: "make",
  metric: METRICS[0]?.id ?? "",
  above: true,
  threshold: "600",
  periods: "3",
  name: "",
};

const isWhole = (text: string) => /^\s*[1-9]\d{0,2}\s*$/.test(text);

/** Whether the wish is a whole one. */
export function isAlarmWish({ how, threshold, periods, name }: AlarmWish): boolean {
  if (how === "make")
    return threshold.trim() !== "" && Number.isFinite(Number(threshold)) && isWhole(periods);
  return how === "none" || name !== "";
}

/** The alarm of a step policy of a target, which calls it by its ARN. */
export function alarmFor(
  target: Named,
  policy: string,
  arn: string,
  wish: AlarmWish,
): PutMetricAlarmCommandInput {
  const { first, second } = partsOf(target);
  const found = METRICS.find(({ id }) => id === wish.metric) ?? METRICS[0];
  return {
    AlarmName: `${first}-${second}-${policy}`,
    AlarmDescription: `Calls the scaling policy ${policy} of ${target.ResourceId}.`,
    Namespace: found?.namespace,
    MetricName: found?.metric,
    Statistic: found?.statistic,
    Dimensions: [
      { Name: "EndpointName", Value: first },
      { Name: "VariantName", Value: second },
    ],
    Period: 60,
    EvaluationPeriods: Number(wish.periods),
    Threshold: Number(wish.threshold),
    ComparisonOperator: wish.above ? "GreaterThanOrEqualToThreshold" : "LessThanOrEqualToThreshold",
    AlarmActions: [arn],
  };
}

/** Whether an alarm goes off where its metric is high. */
export const isAbove = (operator: ComparisonOperator | undefined): boolean => !operator?.startsWith("Less");

// What DescribeAlarms tells and PutMetricAlarm does not take: its state, its name for the account, when it changed.
const TOLD = [
  "AlarmArn",
  "AlarmConfigurationUpdatedTimestamp",
  "StateValue",
  "StateReason",
  "StateReasonData",
  "StateUpdatedTimestamp",
  "StateTransitionedTimestamp",
  "EvaluationState",
];

/** The same alarm, which calls one thing more: PutMetricAlarm replaces all that an alarm is. */
export function calling(alarm: MetricAlarm, arn: string): PutMetricAlarmCommandInput | undefined {
  const actions = alarm.AlarmActions ?? [];
  if (actions.includes(arn)) return undefined;
  const kept = Object.entries(alarm).filter(([name]) => !TOLD.includes(name));
  return {
    ...(Object.fromEntries(kept) as Partial<PutMetricAlarmCommandInput>),
    AlarmName: alarm.AlarmName,
    AlarmActions: [...actions, arn],
  } as PutMetricAlarmCommandInput;
}
