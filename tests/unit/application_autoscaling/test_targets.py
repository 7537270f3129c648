"""Scalable targets: registration and its rules, bounds that act, tags, deregistration."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.application_autoscaling.errors import (
    InvalidNextTokenException,
    LimitExceededException,
    ObjectNotFoundException,
    ResourceNotFoundException,
    TooManyTagsException,
    ValidationException,
)
from sagehen.services.application_autoscaling.registration import operations

from .conftest import FUNCTION, VARIANT, Allowing, Call, LinkedRoles, Resources


async def test_a_target_is_registered_with_its_role_and_shown(call: Call, roles: LinkedRoles) -> None:
    arn = (await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=4))["ScalableTargetARN"]
    (target,) = (await call("DescribeScalableTargets", ServiceNamespace="sagemaker"))["ScalableTargets"]
    assert roles.made == ["sagemaker.application-autoscaling.amazonaws.com"]
    assert (target["MinCapacity"], target["MaxCapacity"], target["ScalableTargetARN"]) == (1, 4, arn)
    assert target["SuspendedState"] == {
        "DynamicScalingInSuspended": False,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
    }
    await call("RegisterScalableTarget", **VARIANT, MaxCapacity=9)
    assert roles.made == ["sagemaker.application-autoscaling.amazonaws.com"]
    (changed,) = (await call("DescribeScalableTargets", ServiceNamespace="sagemaker"))["ScalableTargets"]
    assert changed == target | {"MaxCapacity": 9}


@pytest.mark.parametrize(
    ("bounds", "capacity", "cause"),
    [
        ((3, 5), 3, "minimum capacity was set to 3"),
        ((1, 1), 1, "maximum capacity was set to 1"),
        ((1, 5), 2, None),
        ((2, 2), 2, None),
    ],
)
async def test_capacity_comes_into_the_bounds(
    call: Call, resources: Resources, bounds: tuple[int, int], capacity: int, cause: str | None
) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=bounds[0], MaxCapacity=bounds[1])
    assert resources.desired["endpoint/e/variant/v"] == capacity
    found = (await call("DescribeScalingActivities", ServiceNamespace="sagemaker"))["ScalingActivities"]
    assert [one["Cause"] for one in found] == ([cause] if cause else [])


async def test_a_resource_that_is_busy_keeps_its_capacity(call: Call, resources: Resources) -> None:
    resources.scalable = False
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=3, MaxCapacity=4)
    assert resources.told == []


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"MinCapacity": 1}, "Both minimum and maximum"),
        ({"MaxCapacity": 1}, "Both minimum and maximum"),
        ({"MinCapacity": 3, "MaxCapacity": 2}, "Maximum capacity cannot be less than minimum"),
        ({"MinCapacity": -1, "MaxCapacity": 2}, "cannot be less"),
        ({"MinCapacity": 0, "MaxCapacity": 2}, "must be at least 1"),
        ({"ResourceId": "endpoint/other/variant/v", "MinCapacity": 1, "MaxCapacity": 2}, "doesn't exist"),
        ({"ResourceId": "endpoint/e", "MinCapacity": 1, "MaxCapacity": 2}, "Unsupported service namespace"),
        ({"ServiceNamespace": "lambda", "MinCapacity": 1, "MaxCapacity": 2}, "does not belong"),
    ],
)
async def test_what_is_refused(call: Call, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        await call("RegisterScalableTarget", **{**VARIANT, **request_})
    assert (await call("DescribeScalableTargets", ServiceNamespace="sagemaker"))["ScalableTargets"] == []


async def test_the_least_capacity_holds_for_changes_too(call: Call, resources: Resources) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2)
    with pytest.raises(ValidationException, match="must be at least 1"):
        await call("RegisterScalableTarget", **VARIANT, MinCapacity=0)
    await call("RegisterScalableTarget", **FUNCTION, MinCapacity=1, MaxCapacity=2)
    del resources.desired["function:f:live"]  # what is gone may come again
    await call("RegisterScalableTarget", **FUNCTION, MaxCapacity=3)
    (target,) = (await call("DescribeScalableTargets", ServiceNamespace="lambda"))["ScalableTargets"]
    assert target["MaxCapacity"] == 3


async def test_latest_and_burstable_types_are_refused(call: Call, resources: Resources) -> None:
    latest = {**FUNCTION, "ResourceId": "function:f:$LATEST"}
    with pytest.raises(ValidationException, match=r"Unsupported .*cannot be put on \$LATEST"):
        await call("RegisterScalableTarget", **latest, MinCapacity=1, MaxCapacity=2)
    resources.unscalable_ever = "burstable"
    with pytest.raises(ValidationException, match="burstable"):
        await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2)


@pytest.mark.parametrize("dimension", ["custom-resource:ResourceType:Property", "ecs:service:DesiredCount"])
async def test_what_is_not_scaled_here_says_so(call: Call, dimension: str) -> None:
    with pytest.raises(NotImplementedOperation, match=dimension):
        await call(
            "RegisterScalableTarget",
            ServiceNamespace=dimension.partition(":")[0],
            ResourceId="service/a/b",
            ScalableDimension=dimension,
            MinCapacity=1,
            MaxCapacity=2,
        )


@pytest.mark.parametrize(
    "action",
    [
        "sagemaker:DescribeEndpoint",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:DeleteAlarms",
        "iam:CreateServiceLinkedRole",
    ],
)
async def test_who_may_not_do_it_by_hand_may_not_have_it_done(
    call: Call, authorizer: Allowing, action: str
) -> None:
    authorizer.denied.add(action)
    with pytest.raises(ValidationException, match=action):
        await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2)


async def test_the_role_needs_no_right_once_it_is_there(call: Call, authorizer: Allowing) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2)
    authorizer.denied.add("iam:CreateServiceLinkedRole")
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=3)
    (target,) = (await call("DescribeScalableTargets", ServiceNamespace="sagemaker"))["ScalableTargets"]
    assert target["MaxCapacity"] == 3


async def test_there_is_a_limit(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_TARGETS", 1)
    await call("RegisterScalableTarget", **FUNCTION, MinCapacity=1, MaxCapacity=2)
    await call("RegisterScalableTarget", **FUNCTION, MinCapacity=1, MaxCapacity=3)
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2)
    monkeypatch.setattr(operations, "MOST_TARGETS", 0)
    await call("DeregisterScalableTarget", **VARIANT)
    with pytest.raises(LimitExceededException):
        await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2)


async def test_what_is_suspended_is_changed_attribute_by_attribute(call: Call) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2)
    await call("RegisterScalableTarget", **VARIANT, SuspendedState={"DynamicScalingInSuspended": True})
    await call("RegisterScalableTarget", **VARIANT, SuspendedState={"ScheduledScalingSuspended": True})
    (target,) = (await call("DescribeScalableTargets", ServiceNamespace="sagemaker"))["ScalableTargets"]
    assert [name for name, on in target["SuspendedState"].items() if on] == [
        "DynamicScalingInSuspended",
        "ScheduledScalingSuspended",
    ]


async def test_tags(call: Call) -> None:
    made = await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2, Tags={"team": "red"})
    arn = made["ScalableTargetARN"]
    await call("TagResource", ResourceARN=arn, Tags={"stage": "test"})
    assert (await call("ListTagsForResource", ResourceARN=arn))["Tags"] == {"team": "red", "stage": "test"}
    await call("UntagResource", ResourceARN=arn, TagKeys=["team", "none"])
    assert (await call("ListTagsForResource", ResourceARN=arn))["Tags"] == {"stage": "test"}
    with pytest.raises(TooManyTagsException):
        await call("TagResource", ResourceARN=arn, Tags={str(n): "" for n in range(50)})
    with pytest.raises(ValidationException, match="aws:"):
        await call("TagResource", ResourceARN=arn, Tags={"aws:x": ""})
    with pytest.raises(ValidationException, match="TagResource"):
        await call("RegisterScalableTarget", **VARIANT, Tags={"a": "b"})
    for wrong in (
        "x",
        arn.replace("scalable-target", "other"),
        arn[:-1],
        arn.replace("us-east-1", "eu-west-1"),
    ):
        with pytest.raises(ResourceNotFoundException):
            await call("ListTagsForResource", ResourceARN=wrong)


async def test_listing_by_page_and_by_filter(call: Call, resources: Resources) -> None:
    for name in ("a", "b", "c"):
        resources.desired[f"endpoint/{name}/variant/v"] = 1
        one = {**VARIANT, "ResourceId": f"endpoint/{name}/variant/v"}
        await call("RegisterScalableTarget", **one, MinCapacity=1, MaxCapacity=2)
    await call("RegisterScalableTarget", **FUNCTION, MinCapacity=1, MaxCapacity=2)
    seen, token = [], None
    while True:
        page = await call(
            "DescribeScalableTargets", ServiceNamespace="sagemaker", MaxResults=2, NextToken=token
        )
        seen += [one["ResourceId"] for one in page["ScalableTargets"]]
        token = page["NextToken"]
        if token is None:
            break
    assert seen == [f"endpoint/{name}/variant/v" for name in "abc"]
    found = await call(
        "DescribeScalableTargets", ServiceNamespace="sagemaker", ResourceIds=["endpoint/b/variant/v", "x"]
    )
    assert [one["ResourceId"] for one in found["ScalableTargets"]] == ["endpoint/b/variant/v"]
    with pytest.raises(InvalidNextTokenException):
        await call("DescribeScalableTargets", ServiceNamespace="sagemaker", NextToken="x")
    with pytest.raises(ValidationException):
        await call(
            "DescribeScalableTargets",
            ServiceNamespace="sagemaker",
            ScalableDimension=VARIANT["ScalableDimension"],
        )


@pytest.mark.parametrize(
    "listing",
    ["ScalableTargets", "ScalingPolicies", "ScheduledActions", "ScalingActivities"],
)
@pytest.mark.parametrize("wrong", [0, -1])
async def test_a_page_has_one_item_at_least(call: Call, listing: str, wrong: int) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2)
    with pytest.raises(ValidationException, match=r"'maxResults'.*greater than or equal to 1"):
        await call(f"Describe{listing}", ServiceNamespace="sagemaker", MaxResults=wrong)


async def test_a_page_is_cut_at_the_services_own_most(call: Call) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=2)
    for number in range(11):
        await call(
            "PutScalingPolicy",
            **VARIANT,
            PolicyName=f"p{number}",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity",
                "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
            },
        )
    page = await call("DescribeScalingPolicies", ServiceNamespace="sagemaker", MaxResults=1000)
    assert len(page["ScalingPolicies"]) == 10
    assert page["NextToken"] is not None


async def test_what_is_not_registered_is_not_found(call: Call) -> None:
    with pytest.raises(ObjectNotFoundException) as refused:
        await call("DeregisterScalableTarget", **VARIANT)
    assert refused.value.message == (
        "No scalable target registered for service namespace: sagemaker, resource ID: endpoint/e/variant/v,"
        " scalable dimension: sagemaker:variant:DesiredInstanceCount"
    )
