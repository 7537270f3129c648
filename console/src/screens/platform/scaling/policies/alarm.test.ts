import { expect, it } from "vitest";
import { alarmFor, calling, FIRST_ALARM, isAbove, isAlarmWish } from "./alarm";

const variant = { ServiceNamespace: "sagemaker" as const, ResourceId: "endpoint/e/variant/v" };

it("makes an alarm that calls the policy", () => {
  expect(
    alarmFor(variant, "out", "arn:policy", { ...FIRST_ALARM, above: false, threshold: "5" }),
  ).toMatchObject({
    AlarmName: "e-v-out",
    MetricName: "InvocationsPerInstance",
    Statistic: "Sum",
    Threshold: 5,
    EvaluationPeriods: 3,
    ComparisonOperator: "LessThanOrEqualToThreshold",
    AlarmActions: ["arn:policy"],
    Dimensions: [
      { Name: "EndpointName", Value: "e" },
      { Name: "VariantName", Value: "v" },
    ],
  });
});

it("adds itself to an alarm that is there, once", () => {
  const alarm = {
    AlarmName: "busy",
    AlarmArn: "arn:alarm",
    StateValue: "OK" as const,
    Threshold: 3,
    TreatMissingData: "breaching",
    AlarmActions: ["arn:other"],
  };
  const changed = calling(alarm, "arn:policy");
  expect(changed).toEqual({
    AlarmName: "busy",
    Threshold: 3,
    TreatMissingData: "breaching",
    AlarmActions: ["arn:other", "arn:policy"],
  });
  expect(calling({ ...alarm, AlarmActions: ["arn:policy"] }, "arn:policy")).toBeUndefined();
});

it("knows what is a whole wish", () => {
  expect(isAlarmWish(FIRST_ALARM)).toBe(true);
  expect(isAlarmWish({ ...FIRST_ALARM, threshold: "" })).toBe(false);
  expect(isAlarmWish({ ...FIRST_ALARM, periods: "0" })).toBe(false);
  expect(isAlarmWish({ ...FIRST_ALARM, how: "take" })).toBe(false);
  expect(isAlarmWish({ ...FIRST_ALARM, how: "take", name: "busy" })).toBe(true);
  expect([isAbove("LessThanThreshold"), isAbove("GreaterThanThreshold"), isAbove(undefined)]).toEqual([
    false,
    true,
    true,
  ]);
});
