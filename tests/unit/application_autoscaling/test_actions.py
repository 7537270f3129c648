"""Alarms that act: what is scaled, what is written down, and why nothing is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.application_autoscaling.errors import ObjectNotFoundException
from sagehen.services.application_autoscaling.service import ApplicationAutoScalingService
from sagehen.services.cloudwatch.service import CloudWatchService

from .conftest import SCOPE, VARIANT, Call, Resources

RESOURCE = "endpoint/e/variant/v"
STEPS = [
    {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 2},
    {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": 3},
]


@pytest.fixture(autouse=True)
async def target(call: Call) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=10)


async def track(call: Call, metric: str | None = None, name: str = "track", **more: Any) -> dict[str, Any]:
    if metric is None:
        spec: dict[str, Any] = {
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            }
        }
    else:
        custom = {"Namespace": "N", "MetricName": metric, "Statistic": "Average"}
        spec = {"CustomizedMetricSpecification": custom}
    return await call(
        "PutScalingPolicy",
        **VARIANT,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 100.0, **spec, **more},
    )


async def step(call: Call, name: str = "step", **more: Any) -> str:
    settings = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": STEPS, **more}
    made = await call("PutScalingPolicy", **VARIANT, PolicyName=name, StepScalingPolicyConfiguration=settings)
    arn: str = made["PolicyARN"]
    return arn


def event(alarm: str, points: list[float | None], threshold: float, state: str = "ALARM") -> dict[str, Any]:
    data = json.dumps({"recentDatapoints": points, "threshold": threshold})
    return {"alarmData": {"alarmName": alarm, "state": {"value": state, "reasonData": data}}}


async def activities(call: Call, *, all_: bool = False) -> list[dict[str, Any]]:
    answer = await call(
        "DescribeScalingActivities", ServiceNamespace="sagemaker", IncludeNotScaledActivities=all_
    )
    found: list[dict[str, Any]] = answer["ScalingActivities"]
    return found


async def test_a_lasting_alarm_scales_out_once_in_its_cooldown(
    call: Call, scaling: ApplicationAutoScalingService, resources: Resources, clock: ManualClock
) -> None:
    """The guide's example: 2 are added, then a step of 3 fires, and only 1 is added."""
    arn = await step(call)
    seen = []
    for value in (5.0, 5.0, 12.0, 12.0):
        await scaling.alarm_actions.alarm_action(SCOPE, arn, event("mine", [50 + value], 50))
        await scaling._acting.look()
        seen.append(resources.desired[RESOURCE])
        await clock.advance(60)
    assert seen == [4, 4, 5, 5]
    await clock.advance(300)
    await scaling.alarm_actions.alarm_action(SCOPE, arn, event("mine", [55.0], 50))
    assert resources.desired[RESOURCE] == 7
    shown = await activities(call)
    assert [one["Description"] for one in shown] == [
        f"Setting desired instance count to {n}." for n in (7, 5, 4)
    ]
    assert "was 62, 12 from the alarm's threshold of 50" in shown[1]["Details"]


@pytest.mark.parametrize(
    ("aggregation", "expected"), [(None, 4), ("Average", 4), ("Minimum", 2), ("Maximum", 5)]
)
async def test_a_step_policy_aggregates_what_the_alarm_saw(
    call: Call,
    scaling: ApplicationAutoScalingService,
    resources: Resources,
    aggregation: str | None,
    expected: int,
) -> None:
    arn = await step(call, MetricAggregationType=aggregation)
    await scaling.alarm_actions.alarm_action(SCOPE, arn, event("mine", [45.0, None, 65.0], 50))
    assert resources.desired[RESOURCE] == expected


async def test_a_policys_name_may_look_like_who_created_it(
    call: Call, scaling: ApplicationAutoScalingService, resources: Resources
) -> None:
    made = await call(
        "PutScalingPolicy",
        **VARIANT,
        PolicyName="p:createdBy/me",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ExactCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 3}],
        },
    )
    for arn in (made["PolicyARN"], f"{made['PolicyARN']}:createdBy/you"):
        resources.desired[RESOURCE] = 2
        await scaling.alarm_actions.alarm_action(SCOPE, arn, event("mine", [60.0], 50))
        assert resources.desired[RESOURCE] == 3


async def test_target_tracking_takes_the_newest_out_and_the_greatest_in(
    call: Call, scaling: ApplicationAutoScalingService, resources: Resources, clock: ManualClock
) -> None:
    policy = await track(call)
    high, low = (alarm["AlarmName"] for alarm in policy["Alarms"])
    arn = policy["PolicyARN"]
    await scaling.alarm_actions.alarm_action(
        SCOPE, f"{arn}:createdBy/x", event(high, [500.0, 300.0, 250.0], 100)
    )
    assert resources.desired[RESOURCE] == 5
    (activity,) = await activities(call)
    for words in ("was 250, above the target of 100", "counts a minute: not a second", "A cooldown of 300 s"):
        assert words in activity["Details"]
    (activity,) = await activities(call)
    assert activity["Cause"] == f"monitor alarm {high} in state ALARM triggered policy track"
    await scaling._acting.look()
    await clock.advance(3600)
    await scaling.alarm_actions.alarm_action(SCOPE, arn, event(low, [0.0, 40.0, 10.0], 90))
    assert resources.desired[RESOURCE] == 2
    for state in ("OK", "INSUFFICIENT_DATA"):
        await scaling.alarm_actions.alarm_action(SCOPE, arn, event(high, [900.0], 100, state))
    await scaling.alarm_actions.alarm_action(SCOPE, arn, event(high, [None], 100))
    assert resources.desired[RESOURCE] == 2


async def test_why_nothing_is_scaled_is_told_once(
    call: Call, scaling: ApplicationAutoScalingService, resources: Resources
) -> None:
    arn = await step(call)
    resources.desired[RESOURCE] = 10
    for _ in range(3):
        await scaling.alarm_actions.alarm_action(SCOPE, arn, event("mine", [55.0], 50))
    resources.desired[RESOURCE], resources.scalable = 4, False
    await scaling.alarm_actions.alarm_action(SCOPE, arn, event("mine", [55.0], 50))
    assert await activities(call) == []
    found = await activities(call, all_=True)
    assert [one["NotScaledReasons"] for one in found] == [
        [{"Code": "TargetServicePutResourceAsUnscalable"}],
        [{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 10}],
    ]
    assert {(one["StatusCode"], one["Description"]) for one in found} == {
        ("Failed", "Attempting to scale due to alarm triggered")
    }
    assert resources.told == []


async def test_two_policies_scale_in_only_together(
    call: Call,
    scaling: ApplicationAutoScalingService,
    cloudwatch: CloudWatchService,
    resources: Resources,
) -> None:
    first, second = await track(call, "one", "first"), await track(call, "two", "second")
    resources.desired[RESOURCE] = 8
    low, other_low = first["Alarms"][1]["AlarmName"], second["Alarms"][1]["AlarmName"]
    await scaling.alarm_actions.alarm_action(SCOPE, first["PolicyARN"], event(low, [10.0], 90))
    assert resources.desired[RESOURCE] == 8
    await _fire(cloudwatch, low)
    # The second asks for more than the first: 4 of 8, not 1.
    await scaling.alarm_actions.alarm_action(SCOPE, second["PolicyARN"], event(other_low, [50.0], 90))
    assert resources.desired[RESOURCE] == 4
    (activity,) = await activities(call)
    assert activity["Cause"].endswith("triggered policy second")


async def test_one_that_never_scales_in_does_not_keep_the_other_from_it(
    call: Call, scaling: ApplicationAutoScalingService, resources: Resources
) -> None:
    first = await track(call, "one", "first")
    await track(call, "two", "second", DisableScaleIn=True)
    resources.desired[RESOURCE] = 8
    low = first["Alarms"][1]["AlarmName"]
    await scaling.alarm_actions.alarm_action(SCOPE, first["PolicyARN"], event(low, [10.0], 90))
    assert resources.desired[RESOURCE] == 1


async def test_suspension(call: Call, scaling: ApplicationAutoScalingService, resources: Resources) -> None:
    arn = await step(call)
    await call("RegisterScalableTarget", **VARIANT, SuspendedState={"DynamicScalingOutSuspended": True})
    await scaling.alarm_actions.alarm_action(SCOPE, arn, event("mine", [55.0], 50))
    assert resources.told == []


async def test_policies_that_are_not_there(call: Call, scaling: ApplicationAutoScalingService) -> None:
    arn = await step(call)
    await call("DeleteScalingPolicy", **VARIANT, PolicyName="step")
    with pytest.raises(ObjectNotFoundException):
        await scaling.alarm_actions.alarm_action(SCOPE, arn, event("mine", [55.0], 50))


async def _fire(cloudwatch: CloudWatchService, name: str) -> None:
    from sagehen.services.cloudwatch.alarms.alarm import AlarmState

    records = cloudwatch.alarms._records
    alarm = records.get(SCOPE, name)
    assert alarm is not None
    await records.set_state(alarm, AlarmState("ALARM", "", "", 0, 0), any_version=True)
