"""Scaling policies: the rules of configurations, alarms that come and go with them, listing."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.application_autoscaling.errors import (
    LimitExceededException,
    ObjectNotFoundException,
    ValidationException,
)
from sagehen.services.cloudwatch.service import CloudWatchService

from .conftest import FUNCTION, SCOPE, VARIANT, Call

PREDEFINED = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
TRACKING: dict[str, Any] = {"TargetValue": 100.0, "PredefinedMetricSpecification": PREDEFINED}
STEP: dict[str, Any] = {
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
}


@pytest.fixture(autouse=True)
async def target(call: Call) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=4)
    await call("RegisterScalableTarget", **FUNCTION, MinCapacity=0, MaxCapacity=4)


async def track(call: Call, name: str = "p", **more: Any) -> dict[str, Any]:
    return await call(
        "PutScalingPolicy",
        **VARIANT,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={**TRACKING, **more},
    )


async def alarms(cloudwatch: CloudWatchService) -> dict[str, Any]:
    handlers = {bound.name: bound.handler for bound in cloudwatch.services[0].operations()}
    root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", SCOPE.account_id)
    context = RequestContext("r", "cloudwatch", "DescribeAlarms", SCOPE, root, ManualClock().now())
    answer: Any = await handlers["DescribeAlarms"](context, {})
    return {alarm["AlarmName"]: alarm for alarm in answer["MetricAlarms"]}


async def test_target_tracking_makes_two_alarms(call: Call, cloudwatch: CloudWatchService) -> None:
    made = await track(call)
    high, low = (alarm["AlarmName"] for alarm in made["Alarms"])
    found = await alarms(cloudwatch)
    assert set(found) == {high, low}
    kept = (
        "Namespace",
        "MetricName",
        "Statistic",
        "Period",
        "EvaluationPeriods",
        "Threshold",
        "ComparisonOperator",
    )
    metric = ("AWS/SageMaker", "InvocationsPerInstance", "Sum", 60)
    assert [found[high][name] for name in kept] == [*metric, 3, 100.0, "GreaterThanThreshold"]
    assert [found[low][name] for name in kept] == [*metric, 15, 90.0, "LessThanThreshold"]
    assert found[high]["AlarmActions"] == [made["PolicyARN"]]
    assert found[high]["Dimensions"] == [
        {"Name": "EndpointName", "Value": "e"},
        {"Name": "VariantName", "Value": "v"},
    ]
    assert made["PolicyARN"].endswith(":resource/sagemaker/endpoint/e/variant/v:policyName/p")


async def test_a_changed_policy_changes_its_alarms(call: Call, cloudwatch: CloudWatchService) -> None:
    before = await track(call)
    after = await track(call, TargetValue=200.0)
    assert after == before
    assert sorted(alarm["Threshold"] for alarm in (await alarms(cloudwatch)).values()) == [180.0, 200.0]
    only_out = await track(call, DisableScaleIn=True)
    assert only_out["Alarms"] == before["Alarms"][:1]
    assert len(await alarms(cloudwatch)) == 1
    both = await track(call)
    assert both["Alarms"][0] == before["Alarms"][0] and len(both["Alarms"]) == 2


async def test_alarms_go_with_the_policy_and_with_the_target(
    call: Call, cloudwatch: CloudWatchService
) -> None:
    await track(call)
    await call("DeleteScalingPolicy", **VARIANT, PolicyName="p")
    assert await alarms(cloudwatch) == {}
    await track(call)
    await call("DeregisterScalableTarget", **VARIANT)
    assert await alarms(cloudwatch) == {}
    assert (await call("DescribeScalingPolicies", ServiceNamespace="sagemaker"))["ScalingPolicies"] == []
    with pytest.raises(
        ObjectNotFoundException, match="No scaling policy found for service namespace: lambda"
    ):
        await call("DeleteScalingPolicy", **FUNCTION, PolicyName="p")


async def test_a_metric_that_cloudwatch_refuses_leaves_nothing(
    call: Call, cloudwatch: CloudWatchService
) -> None:
    query = {"Id": "e1", "Expression": "SUM(", "ReturnData": True}
    stat = {"Metric": {"Namespace": "N", "MetricName": "m"}, "Stat": "Sum"}
    metrics = [query, {"Id": "m1", "MetricStat": stat, "ReturnData": False}]
    custom = {"PredefinedMetricSpecification": None, "CustomizedMetricSpecification": {"Metrics": metrics}}
    with pytest.raises(ValidationException, match="Error in expression"):
        await track(call, **custom)
    assert (await call("DescribeScalingPolicies", ServiceNamespace="sagemaker"))["ScalingPolicies"] == []
    assert await alarms(cloudwatch) == {}
    await track(call)
    with pytest.raises(ValidationException):
        await track(call, **custom)
    (kept,) = (await call("DescribeScalingPolicies", ServiceNamespace="sagemaker"))["ScalingPolicies"]
    assert kept["TargetTrackingScalingPolicyConfiguration"] == TRACKING


@pytest.mark.parametrize(
    "wrong",
    [
        {"Unit": "Foo"},
        {"Dimensions": [{"Name": f"d{n}", "Value": "v"} for n in range(31)]},
    ],
)
async def test_a_metric_that_could_never_be_recorded_is_refused(
    call: Call, cloudwatch: CloudWatchService, wrong: dict[str, Any]
) -> None:
    metric = {"Namespace": "N", "MetricName": "m", "Statistic": "Sum", **wrong}
    with pytest.raises(ValidationException):
        await track(call, PredefinedMetricSpecification=None, CustomizedMetricSpecification=metric)
    assert (await call("DescribeScalingPolicies", ServiceNamespace="sagemaker"))["ScalingPolicies"] == []
    assert await alarms(cloudwatch) == {}


async def test_metric_math_is_tracked(call: Call, cloudwatch: CloudWatchService) -> None:
    stat = {"Metric": {"Namespace": "N", "MetricName": "m"}, "Stat": "Sum"}
    metrics = [
        {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        {"Id": "e1", "Expression": "m1 / 2", "Label": "half", "ReturnData": True},
    ]
    await track(call, PredefinedMetricSpecification=None, CustomizedMetricSpecification={"Metrics": metrics})
    found = list((await alarms(cloudwatch)).values())
    assert [alarm["Metrics"][0]["MetricStat"]["Period"] for alarm in found] == [60, 60]


STEPS = "StepAdjustments"


def steps(*bounds: tuple[float | None, float | None]) -> list[dict[str, Any]]:
    made = []
    for lower, upper in bounds:
        step: dict[str, Any] = {"ScalingAdjustment": 1}
        if lower is not None:
            step["MetricIntervalLowerBound"] = lower
        if upper is not None:
            step["MetricIntervalUpperBound"] = upper
        made.append(step)
    return made


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AdjustmentType": None}, "AdjustmentType"),
        ({STEPS: []}, "At least one"),
        ({STEPS: steps((0, 10), (5, None))}, "overlap"),
        ({STEPS: steps((0, 10), (20, None))}, "gaps"),
        ({STEPS: steps((0, 10))}, "unspecified upper"),
        ({STEPS: steps((-10, 0))}, "unspecified lower"),
        ({STEPS: steps((10, 10))}, "less than its upper"),
        ({STEPS: steps((None, None), (0, None))}, "can't be null"),
        ({STEPS: steps((0, None), (0, None))}, "overlap"),
        ({STEPS: steps((float("nan"), None))}, "finite"),
        ({STEPS: steps((0, float("inf")))}, "finite"),
        ({"Cooldown": -1}, "Cooldown"),
        ({"MinAdjustmentMagnitude": 2}, "MinAdjustmentMagnitude"),
        (
            {"AdjustmentType": "PercentChangeInCapacity", "MinAdjustmentMagnitude": -1},
            "greater than or equal",
        ),
        ({"AdjustmentType": "ExactCapacity", STEPS: [{"ScalingAdjustment": -1}]}, "must be positive"),
    ],
)
async def test_steps_that_are_refused(call: Call, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        await call(
            "PutScalingPolicy", **VARIANT, PolicyName="p", StepScalingPolicyConfiguration={**STEP, **change}
        )


@pytest.mark.parametrize(
    "bounds",
    [
        [(0, None)],
        [(None, 0)],
        [(None, None)],
        [(0, 10), (10, None)],
        [(None, -10), (-10, 0), (0, 10), (10, None)],
        [(10, None), (0, 10)],
    ],
)
async def test_steps_that_are_taken(call: Call, bounds: list[tuple[float | None, float | None]]) -> None:
    settings = {**STEP, STEPS: steps(*bounds)}
    made = await call("PutScalingPolicy", **VARIANT, PolicyName="p", StepScalingPolicyConfiguration=settings)
    assert made["Alarms"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"TargetValue": 0.0}, "greater than 0"),
        ({"TargetValue": -1.0}, "greater than 0"),
        ({"TargetValue": float("nan")}, "greater than 0"),
        ({"TargetValue": float("inf")}, "between"),
        ({"TargetValue": 2.0**361}, "between"),
        ({"TargetValue": 2.0**-361}, "between"),
        ({"ScaleOutCooldown": -1}, "ScaleOutCooldown"),
        ({"ScaleInCooldown": -1}, "ScaleInCooldown"),
        ({"PredefinedMetricSpecification": None}, "Exactly one"),
        ({"CustomizedMetricSpecification": {"MetricName": "m"}}, "Exactly one"),
        (
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget"}},
            "is not one of",
        ),
        ({"PredefinedMetricSpecification": {**PREDEFINED, "ResourceLabel": "x"}}, "resource label"),
        (
            {"PredefinedMetricSpecification": None, "CustomizedMetricSpecification": {"MetricName": "m"}},
            "Namespace is required",
        ),
    ],
)
async def test_tracking_that_is_refused(call: Call, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        await track(call, **change)


async def test_metrics_that_nobody_records_say_so(call: Call) -> None:
    kind = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    with pytest.raises(NotImplementedOperation, match=kind):
        await track(call, PredefinedMetricSpecification={"PredefinedMetricType": kind})
    with pytest.raises(NotImplementedOperation, match="predictive"):
        await call("PutScalingPolicy", **VARIANT, PolicyName="p", PolicyType="PredictiveScaling")


async def test_rules_between_policies(call: Call) -> None:
    await track(call)
    with pytest.raises(ValidationException, match="Only one TargetTrackingScaling policy for a given metric"):
        await track(call, "q")
    with pytest.raises(ValidationException, match="type of an existing"):
        await call(
            "PutScalingPolicy",
            **VARIANT,
            PolicyName="p",
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration=STEP,
        )
    with pytest.raises(ValidationException, match="not supported for lambda"):
        await call("PutScalingPolicy", **FUNCTION, PolicyName="p", StepScalingPolicyConfiguration=STEP)
    with pytest.raises(ValidationException, match="cannot be specified"):
        await call(
            "PutScalingPolicy",
            **VARIANT,
            PolicyName="q",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=TRACKING,
            StepScalingPolicyConfiguration=STEP,
        )
    for number in range(49):
        await call(
            "PutScalingPolicy", **VARIANT, PolicyName=f"s{number}", StepScalingPolicyConfiguration=STEP
        )
    with pytest.raises(LimitExceededException):
        await call("PutScalingPolicy", **VARIANT, PolicyName="more", StepScalingPolicyConfiguration=STEP)
    seen, token = [], None
    while True:
        page = await call("DescribeScalingPolicies", ServiceNamespace="sagemaker", NextToken=token)
        seen += [one["PolicyName"] for one in page["ScalingPolicies"]]
        if (token := page["NextToken"]) is None:
            break
    assert seen == sorted(seen) and len(seen) == 50
    found = await call("DescribeScalingPolicies", ServiceNamespace="sagemaker", PolicyNames=["s7", "none"])
    assert [one["PolicyName"] for one in found["ScalingPolicies"]] == ["s7"]


async def test_a_step_policy_shows_the_alarms_that_name_it(call: Call, cloudwatch: CloudWatchService) -> None:
    made = await call("PutScalingPolicy", **VARIANT, PolicyName="p", StepScalingPolicyConfiguration=STEP)
    await cloudwatch.alarms.put_metric(
        SCOPE,
        {
            "AlarmName": "mine",
            "AlarmActions": [made["PolicyARN"]],
            "Namespace": "N",
            "MetricName": "m",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
        },
    )
    (shown,) = (await call("DescribeScalingPolicies", ServiceNamespace="sagemaker"))["ScalingPolicies"]
    assert shown["Alarms"] == [
        {"AlarmName": "mine", "AlarmARN": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:mine"}
    ]
