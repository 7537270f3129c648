import { expect, it } from "vitest";
import { formOf, isPolicyForm, policyOf } from "./form";

const variant = {
  ServiceNamespace: "sagemaker" as const,
  ResourceId: "endpoint/e/variant/v",
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount" as const,
  MinCapacity: 1,
  MaxCapacity: 2,
  RoleARN: "",
  CreationTime: new Date(0),
};

it("writes what a policy was read as", () => {
  const StepScalingPolicyConfiguration = {
    AdjustmentType: "PercentChangeInCapacity" as const,
    StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 50 }],
    MetricAggregationType: "Maximum" as const,
    Cooldown: 60,
    MinAdjustmentMagnitude: 2,
  };
  const policy = { PolicyName: "p", PolicyType: "StepScaling", StepScalingPolicyConfiguration };
  const form = formOf(policy as never, variant);
  expect(isPolicyForm(form)).toBe(true);
  expect(policyOf(form, variant, undefined)).toEqual({
    ServiceNamespace: "sagemaker",
    ResourceId: "endpoint/e/variant/v",
    ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
    PolicyName: "p",
    PolicyType: "StepScaling",
    StepScalingPolicyConfiguration,
  });
});

it("keeps a metric of one's own, and a pause of nothing", () => {
  const before = {
    TargetValue: 5,
    ScaleInCooldown: 0,
    DisableScaleIn: true,
    CustomizedMetricSpecification: { MetricName: "mine", Namespace: "N", Statistic: "Sum" as const },
  };
  const form = formOf(
    { PolicyName: "p", TargetTrackingScalingPolicyConfiguration: before } as never,
    variant,
  );
  expect(policyOf(form, variant, before).TargetTrackingScalingPolicyConfiguration).toEqual(before);
});

it("begins as one of the target's own metric", () => {
  const form = formOf(undefined, { ...variant, ServiceNamespace: "lambda" });
  expect(isPolicyForm(form)).toBe(false);
  expect(isPolicyForm({ ...form, name: "p" })).toBe(true);
  expect(isPolicyForm({ ...form, name: "p", value: "0" })).toBe(false);
  expect(isPolicyForm({ ...form, name: "p", outCooldown: "-1" })).toBe(false);
  expect(
    policyOf({ ...form, name: " p " }, { ...variant, ServiceNamespace: "lambda" }, undefined),
  ).toMatchObject({
    PolicyName: "p",
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 0.7,
      PredefinedMetricSpecification: { PredefinedMetricType: "LambdaProvisionedConcurrencyUtilization" },
    },
  });
});
