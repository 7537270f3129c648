"""Scheduled actions: put, changed, done when due, on the target's bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.application_autoscaling.errors import ObjectNotFoundException, ValidationException
from sagehen.services.application_autoscaling.service import ApplicationAutoScalingService

from .conftest import VARIANT, Call, Resources

START = datetime(2026, 1, 1, tzinfo=UTC)  # of the manual clock


@pytest.fixture(autouse=True)
async def target(call: Call) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=1, MaxCapacity=4)


async def put(call: Call, name: str = "a", **more: Any) -> None:
    await call("PutScheduledAction", **VARIANT, ScheduledActionName=name, **more)


async def listed(call: Call) -> list[dict[str, Any]]:
    answer = await call("DescribeScheduledActions", ServiceNamespace="sagemaker")
    found: list[dict[str, Any]] = answer["ScheduledActions"]
    return found


async def bounds(call: Call) -> tuple[int, int]:
    (found,) = (await call("DescribeScalableTargets", ServiceNamespace="sagemaker"))["ScalableTargets"]
    return found["MinCapacity"], found["MaxCapacity"]


async def pass_(clock: ManualClock, seconds: float) -> None:
    """Let the clock go on, and what became due write to the database, which takes real turns of the loop."""
    await clock.advance(seconds)
    for _ in range(20):
        await asyncio.sleep(0.005)


async def test_one_time_actions_set_bounds_and_are_gone(
    call: Call, clock: ManualClock, resources: Resources
) -> None:
    action = {"MinCapacity": 3, "MaxCapacity": 8}
    await put(call, Schedule="at(2026-01-01T00:10:00)", ScalableTargetAction=action)
    await pass_(clock, 599)
    assert (await bounds(call), resources.told) == ((1, 4), [])
    await pass_(clock, 1)
    assert await bounds(call) == (3, 8)
    assert resources.told == [("endpoint/e/variant/v", 3)]
    assert await listed(call) == []
    found = (await call("DescribeScalingActivities", ServiceNamespace="sagemaker"))["ScalingActivities"]
    assert [(one["Description"], one["Cause"]) for one in found] == [
        ("Setting desired instance count to 3.", "minimum capacity was set to 3"),
        ("Setting min capacity to 3 and max capacity to 8", "scheduled action name a was triggered"),
    ]
    assert found[1]["StatusMessage"] == "Successfully set min capacity to 3 and max capacity to 8"


async def test_recurring_actions_come_again_between_start_and_end(call: Call, clock: ManualClock) -> None:
    await put(
        call,
        Schedule="rate(1 hour)",
        StartTime=START + timedelta(minutes=30),
        EndTime=START + timedelta(hours=2),
        ScalableTargetAction={"MaxCapacity": 5},
    )
    done = []
    for minute in range(0, 240, 10):
        await call("RegisterScalableTarget", **VARIANT, MaxCapacity=4)
        await pass_(clock, 600)
        if (await bounds(call))[1] == 5:
            done.append(minute + 10)
    assert done == [30, 90]
    assert len(await listed(call)) == 1


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"MinCapacity": 2}, (2, 4)),
        ({"MinCapacity": 9}, (9, 9)),
        ({"MaxCapacity": 1}, (1, 1)),
        ({"MinCapacity": 4, "MaxCapacity": 4}, (4, 4)),
    ],
)
async def test_one_bound_moves_the_other(
    call: Call, clock: ManualClock, action: dict[str, int], expected: tuple[int, int]
) -> None:
    await put(call, Schedule="at(2026-01-01T00:01:00)", ScalableTargetAction=action)
    await pass_(clock, 60)
    assert await bounds(call) == expected


async def test_suspended_schedules_pass_by(call: Call, clock: ManualClock) -> None:
    await put(call, Schedule="rate(1 minute)", ScalableTargetAction={"MaxCapacity": 9})
    await call("RegisterScalableTarget", **VARIANT, SuspendedState={"ScheduledScalingSuspended": True})
    await pass_(clock, 120)
    assert await bounds(call) == (1, 4)
    await call("RegisterScalableTarget", **VARIANT, SuspendedState={"ScheduledScalingSuspended": False})
    await pass_(clock, 60)
    assert await bounds(call) == (1, 9)


async def test_what_became_due_meanwhile_is_done_by_the_next_life(
    call: Call,
    clock: ManualClock,
    scaling: ApplicationAutoScalingService,
    make: Callable[[], ApplicationAutoScalingService],
) -> None:
    await put(call, Schedule="at(2026-01-01T00:10:00)", ScalableTargetAction={"MaxCapacity": 9})
    await scaling.stop()
    await clock.advance(3600)
    again = make()
    await again.start()
    await pass_(clock, 0)
    assert await bounds(call) == (1, 9)
    await again.stop()


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"ScalableTargetAction": {"MinCapacity": 1}}, "Schedule is required"),
        (
            {"Schedule": "rate(1 hour)"},
            "At least one of minimum capacity and maximum capacity should be provided",
        ),
        ({"Schedule": "rate(1 hour)", "ScalableTargetAction": {}}, "At least one of minimum capacity"),
        (
            {"Schedule": "rate(1 hour)", "ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 1}},
            "Maximum capacity cannot be less",
        ),
        (
            {"Schedule": "rate(1 hour)", "ScalableTargetAction": {"MinCapacity": -1}},
            "greater than or equal to 0",
        ),
        ({"Schedule": "rate(1 hour)", "ScalableTargetAction": {"MinCapacity": 0}}, "must be at least 1"),
        ({"Schedule": "at(2025-12-31T00:00:00)", "ScalableTargetAction": {"MinCapacity": 1}}, "in the past"),
        ({"Schedule": "sometimes", "ScalableTargetAction": {"MinCapacity": 1}}, "Invalid schedule"),
        (
            {"Schedule": "rate(1 hour)", "Timezone": "x/y", "ScalableTargetAction": {"MinCapacity": 1}},
            "time zone",
        ),
    ],
)
async def test_what_is_refused(call: Call, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        await put(call, **request_)
    assert await listed(call) == []


async def test_a_change_keeps_what_is_not_given_but_for_the_times(call: Call) -> None:
    start = START + timedelta(hours=1)
    await put(call, Schedule="rate(1 hour)", StartTime=start, ScalableTargetAction={"MinCapacity": 2})
    await put(call, ScalableTargetAction={"MaxCapacity": 7})
    (action,) = await listed(call)
    assert (action["Schedule"], action["ScalableTargetAction"]) == ("rate(1 hour)", {"MaxCapacity": 7})
    assert action["StartTime"] is None
    await put(call, Schedule="rate(2 hours)")
    (action,) = await listed(call)
    assert (action["Schedule"], action["ScalableTargetAction"]) == ("rate(2 hours)", {"MaxCapacity": 7})
    await call("DeleteScheduledAction", **VARIANT, ScheduledActionName="a")
    with pytest.raises(ObjectNotFoundException, match="No scheduled action found"):
        await call("DeleteScheduledAction", **VARIANT, ScheduledActionName="a")
