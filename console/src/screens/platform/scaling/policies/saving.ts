import {
  ApplicationAutoScalingClient,
  PutScalingPolicyCommand,
  type ScalingPolicy,
} from "@aws-sdk/client-application-auto-scaling";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
  paginateDescribeAlarms,
} from "@aws-sdk/client-cloudwatch";
import { aws } from "../../../../aws/client";
import { collect } from "../../../../aws/collect";
import type { Target } from "../targets";
import { type AlarmWish, alarmFor, calling } from "./alarm";
import { type PolicyForm, policyOf } from "./form";

/** The alarms of metrics that there are: one of them may call a policy. */
export const readAlarms = (): Promise<MetricAlarm[]> =>
  collect(paginateDescribeAlarms({ client: aws(CloudWatchClient) }, {}), (page) => page.MetricAlarms);

/** Puts a policy, then the alarm that calls it: what was refused can be tried again, both are put whole. */
export async function savePolicy(
  target: Target,
  form: PolicyForm,
  before: ScalingPolicy | undefined,
  alarm: AlarmWish,
): Promise<void> {
  const input = policyOf(form, target, before?.TargetTrackingScalingPolicyConfiguration);
  const { PolicyARN = "" } = await aws(ApplicationAutoScalingClient).send(new PutScalingPolicyCommand(input));
  if (form.kind !== "StepScaling" || alarm.how === "none") return;
  const cloudwatch = aws(CloudWatchClient);
  if (alarm.how === "make") {
    const asked = alarmFor(target, form.name.trim(), PolicyARN, alarm);
    await cloudwatch.send(new PutMetricAlarmCommand(asked));
    return;
  }
  const { MetricAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [alarm.name] }),
  );
  const changed = MetricAlarms[0] && calling(MetricAlarms[0], PolicyARN);
  if (changed) await cloudwatch.send(new PutMetricAlarmCommand(changed));
}
