"""Activities from the decision to the end: done, refused, overridden, given up, and taken up after a
death.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.services.application_autoscaling.activities.records import KEPT_S, ActivityRecords
from sagehen.services.application_autoscaling.scaling.acting import PATIENCE_S
from sagehen.services.application_autoscaling.service import ApplicationAutoScalingService
from sagehen.services.application_autoscaling.targets.target import TargetKey
from sagehen.store.database import Database

from .conftest import SCOPE, VARIANT, Call, Resources


async def bounds(call: Call, capacity: int) -> None:
    await call("RegisterScalableTarget", **VARIANT, MinCapacity=capacity, MaxCapacity=capacity)


async def newest(call: Call, count: int = 1) -> list[tuple[str, str]]:
    found = (await call("DescribeScalingActivities", ServiceNamespace="sagemaker"))["ScalingActivities"]
    return [(one["StatusCode"], one["StatusMessage"]) for one in found[:count]]


async def test_an_activity_is_in_progress_until_the_capacity_is_there(
    call: Call, scaling: ApplicationAutoScalingService, resources: Resources
) -> None:
    resources.slow = True
    await bounds(call, 3)
    await scaling._acting.look()
    text = "Successfully set desired instance count to 3."
    assert await newest(call) == [("InProgress", f"{text} Waiting for change to be fulfilled by sagemaker.")]
    resources.slow = False
    assert await scaling._acting.look() is False
    assert await newest(call) == [("Successful", f"{text} Change successfully fulfilled by sagemaker.")]


async def test_a_refusal_fails_it(call: Call, resources: Resources) -> None:
    resources.refusal = "No room."
    await bounds(call, 3)
    assert await newest(call) == [("Failed", "Failed to set desired instance count to 3. Reason: No room.")]


async def test_a_fault_of_ours_holds_up_nothing_behind_it(
    call: Call, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(resources, "set_desired", break_)
    await bounds(call, 3)
    ((code, message),) = await newest(call)
    assert code == "Failed" and "broken" not in message
    monkeypatch.undo()
    await bounds(call, 4)
    assert resources.told == [("endpoint/e/variant/v", 4)]


async def test_a_newer_one_overrides(
    call: Call, scaling: ApplicationAutoScalingService, resources: Resources
) -> None:
    resources.slow = True
    await bounds(call, 3)
    await bounds(call, 4)
    await scaling._acting.look()
    assert [code for code, _ in await newest(call, 2)] == ["InProgress", "Overridden"]


@pytest.mark.parametrize("how", ["reverted", "deleted", "too slow"])
async def test_what_does_not_come_about_is_unfulfilled(
    call: Call,
    scaling: ApplicationAutoScalingService,
    resources: Resources,
    clock: ManualClock,
    how: str,
) -> None:
    resources.slow = True
    await bounds(call, 3)
    match how:
        case "reverted":
            resources.desired["endpoint/e/variant/v"] = 2
        case "deleted":
            del resources.desired["endpoint/e/variant/v"]
        case _:
            await clock.advance(PATIENCE_S + 1)
    await scaling._acting.look()
    assert [code for code, _ in await newest(call)] == ["Unfulfilled"]


async def test_the_next_life_does_what_was_decided(
    call: Call,
    scaling: ApplicationAutoScalingService,
    resources: Resources,
    make: Callable[[], ApplicationAutoScalingService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(resources, "set_desired", die)
    with pytest.raises(KeyboardInterrupt):
        await bounds(call, 3)
    assert [code for code, _ in await newest(call)] == ["Pending"]
    monkeypatch.undo()
    await scaling.stop()
    again = make()
    await again._acting.look()
    await again._acting.look()
    assert resources.told == [("endpoint/e/variant/v", 3)]
    assert [code for code, _ in await newest(call)] == ["Successful"]


async def test_activities_are_kept_for_six_weeks(call: Call, database: Database, clock: ManualClock) -> None:
    await bounds(call, 3)
    records = ActivityRecords(database)
    await records.change(records.open()[0], "Successful", "", clock.now().timestamp())
    await records.forget(clock.now().timestamp() + KEPT_S - 1)
    assert len(await newest(call)) == 1
    await records.forget(clock.now().timestamp() + KEPT_S + 1)
    assert await newest(call) == []


async def test_what_was_done_at_once_is_kept_no_longer(
    call: Call, scaling: ApplicationAutoScalingService, clock: ManualClock
) -> None:
    key = TargetKey(SCOPE, VARIANT["ResourceId"], VARIANT["ScalableDimension"])
    await scaling._acting.note(key, "Setting min capacity to 1 and max capacity to 2", "c", "old")
    assert await newest(call, 2) == [("Successful", "old")]
    await clock.advance(KEPT_S + 1)
    await scaling._acting.note(key, "Setting min capacity to 1 and max capacity to 2", "c", "new")
    async with asyncio.timeout(60):
        while await newest(call, 2) != [("Successful", "new")]:
            await asyncio.sleep(0.01)


async def test_what_is_being_told_is_not_told_again_by_who_follows(
    call: Call,
    scaling: ApplicationAutoScalingService,
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told, go_on = asyncio.Event(), asyncio.Event()
    set_desired = resources.set_desired

    async def slowly(*what: Any) -> None:
        told.set()
        await go_on.wait()
        await set_desired(*what)

    monkeypatch.setattr(resources, "set_desired", slowly)
    setting = asyncio.create_task(bounds(call, 3))
    await asyncio.wait_for(told.wait(), 20)
    looking = asyncio.create_task(scaling._acting.look())
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait_for(asyncio.gather(setting, looking), 20)
    assert resources.told == [(VARIANT["ResourceId"], 3)]
