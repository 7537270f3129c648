"""What the components of an endpoint need next, as tables: records and what is seen, to actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.services.sagemaker.endpoint_configs.components import InstanceScaling
from sagehen.services.sagemaker.endpoints.deployments.alarms import Observation
from sagehen.services.sagemaker.endpoints.endpoint import EndpointVariant
from sagehen.services.sagemaker.inference_components.component import InferenceComponent, Revision
from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.services.sagemaker.inference_components.planning.actions import (
    Action,
    Advance,
    Bake,
    Fail,
    Promote,
    Remove,
    Revert,
    RollBack,
    SetHosts,
    Settle,
    StartCopy,
    StopCopy,
)
from sagehen.services.sagemaker.inference_components.planning.plan import NO_ROOM, plan
from sagehen.services.sagemaker.inference_components.planning.views import (
    CopyView,
    HostView,
    Seen,
    VariantView,
)
from sagehen.upkeep.keeping import Failures
from sagehen.upkeep.run import Phase

from ...endpoints.conftest import ROLE, SCOPE

AT = datetime(2026, 1, 1, tzinfo=UTC)
NOW = AT.timestamp()
NEEDS = Needs(1, 1024)


def revision(number: int) -> Revision:
    served = EndpointVariant("v", f"m{number}", "", 0, 1.0, "image", ROLE)
    return Revision(number, {"ModelName": f"m{number}"}, served, NEEDS, None, "SPREAD", NOW)


def component(status: str = "InService", copies: int = 2, **members: Any) -> InferenceComponent:
    return InferenceComponent(SCOPE, "c", status, AT, AT, "e", 1.0, "v", copies, revision(1), **members)


def copies(*told: str) -> tuple[CopyView, ...]:
    """`1r` is a copy of revision 1 that is ready, `2s` one of 2 that starts, `1x@B` one that stops on B."""
    phases: dict[str, Phase] = {"r": "ready", "s": "starting", "x": "stopping"}
    return tuple(
        CopyView(f"{n}", "c", int(one[0]), one.partition("@")[2] or "A", phases[one[1]], NEEDS)
        for n, one in enumerate(told)
    )


def seen(*told: str, **members: Any) -> Seen:
    usual: dict[str, Any] = {
        "variants": {"v": VariantView(Needs(4, 8192), 1)},
        "hosts": (HostView("A", "v"),),
        "copies": copies(*told),
        "now": 100.0,
        "moment": NOW,
        "endpoint_created_at": 1.0,
    }
    return Seen(**usual | members)


def failed(count: int, number: int = 1, last: float = 100.0) -> dict[tuple[str, int], Failures]:
    return {("c", number): Failures(count, last, "why")}


GONE = (HostView("A", "v", leaving=True), HostView("B", "v"))
UPDATING = {"status": "Updating", "copies_before": 2, "pending": revision(2), "last_number": 2, "moved": 1}
BAKED = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 60,
    }
}
BAKING = {**UPDATING, "deployment_config": BAKED}
NONE = {"v": VariantView(Needs(4, 8192), 0)}


@pytest.mark.parametrize(
    ("record", "look", "actions"),
    [
        (component("Creating"), seen(), [StartCopy("c", 1, "A"), StartCopy("c", 1, "A")]),
        (component("Creating"), seen("1r", "1s"), []),
        (component("Creating"), seen("1r", "1r"), [Settle("c")]),
        (component("Creating"), seen("1s", failures=failed(1)), [Fail("c", "why")]),
        (component("Creating", 5), seen("1r"), [*[StartCopy("c", 1, "A")] * 3, Fail("c", NO_ROOM)]),
        (component("Failed"), seen("1s"), [StopCopy("0")]),
        (component("Deleting"), seen("1r", "1x"), [StopCopy("0")]),
        (component("Deleting"), seen(), [Remove("c")]),
        # Counts.
        (component("Updating", 1), seen("1r", "1r"), [StopCopy("1")]),
        (component("Updating", 1), seen("1r", "1x"), []),
        (component("Updating", 0), seen(), [Settle("c")]),
        (component("Updating", 3), seen("1r", "1r", failures=failed(3)), [Revert("c", 2, "why")]),
        (component("Updating", 6), seen(*["1r"] * 4), [Revert("c", 4, NO_ROOM)]),
        (component("Updating", 6), seen(*["1r"] * 3, "1s"), []),  # what is kept is known when it is up
        (component("Updating", 6), seen(*["1r"] * 3, "1x"), []),  # room comes free
        # A copy that died is replaced, ever less eagerly.
        (component(), seen("1r", failures=failed(1)), [StartCopy("c", 1, "A")]),
        (component(), seen("1r", failures=failed(4)), []),
        # An endpoint that is gone, or another of its name.
        (component(), seen("1r", variants={}, hosts=()), [StopCopy("0")]),
        (component(), seen("1r", endpoint_created_at=2.0), [StopCopy("0")]),
        (component("Creating"), seen(variants={}), [Fail("c", "The endpoint e was deleted.")]),
        # Instances that are to go: replacements first, then drained; without room, drained.
        (component(), seen("1r", "1r", hosts=GONE), [StartCopy("c", 1, "B"), StartCopy("c", 1, "B")]),
        (component(), seen("1r", "1r", "1s@B", "1s@B", hosts=GONE), []),
        (component(), seen("1r", "1r", "1r@B", "1s@B", hosts=GONE), [StopCopy("1")]),
        (component(), seen("1s", "1r@B", "1s@B", hosts=GONE), [StopCopy("0")]),
        (component(), seen("1r", "1r", hosts=GONE[:1]), []),  # another one is coming
        (component(), seen("1r", "1r", hosts=GONE[:1], variants=NONE), [StopCopy("0"), StopCopy("1")]),
        (component(), seen("1r", "1r@Z"), [StartCopy("c", 1, "A")]),
        # Batches of an update.
        (component(**UPDATING), seen("1r", "1r"), [StartCopy("c", 2, "A")]),
        (component(**UPDATING), seen("1r", "1r", "2s"), []),
        (component(**UPDATING), seen("1r", "1r", "2r"), [StopCopy("1")]),
        (component(**UPDATING), seen("1r", "1x", "2r"), [Advance("c", 2)]),
        (component(**{**UPDATING, "moved": 2}), seen("2r", "2r"), [Promote("c")]),
        (component(**UPDATING), seen("1r", "1r", failures=failed(1, 2)), [RollBack("c", "why")]),
        (component(**UPDATING), seen(*["1r"] * 4), [StopCopy("3"), StopCopy("2")]),  # and then there is room
        (component(**UPDATING, deployment_config=BAKED), seen("1r", "2r"), [Bake("c")]),
        (component(**BAKING, moved_at=NOW - 59), seen("1r", "2r"), []),
        (component(**BAKING, moved_at=NOW - 60), seen("1r", "2r"), [Advance("c", 2)]),
        # A rollback: what has come serves until the old ones are back.
        (component("Updating", leaving=revision(2)), seen("1r", "2r"), [StartCopy("c", 1, "A")]),
        (component("Updating", leaving=revision(2)), seen("1r", "1r", "2r"), [StopCopy("2")]),
        (component("Updating", leaving=revision(2)), seen("1r", "1r"), [Settle("c")]),
    ],
)  # fmt: skip
def test_one_component(record: InferenceComponent, look: Seen, actions: list[Action]) -> None:
    assert list(plan([record], look).actions) == actions


def test_an_update_that_has_no_room_is_taken_back() -> None:
    narrow = {"v": VariantView(Needs(2, 8192), 1)}
    step = plan([component(**UPDATING)], seen("1r", "1r", variants=narrow))
    assert step.actions == (RollBack("c", NO_ROOM),)


def test_alarms_and_time_end_an_update() -> None:
    config = {**BAKED, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "a"}]}}
    record = component(**UPDATING, deployment_config=config, moved_at=NOW)
    (action,) = plan([record], seen("1r", "2r"), lambda _: Observation({"a": "ALARM"})).actions
    assert isinstance(action, RollBack) and "were in ALARM state: a" in action.reason
    waiting = plan([record], seen("1r", "2r"), lambda _: Observation({"a": "OK"}))
    assert waiting.actions == () and waiting.wake_at == 160.0
    policy = {**BAKED["RollingUpdatePolicy"], "MaximumExecutionTimeoutInSeconds": 600}
    slow = replace(record, deployment_config={"RollingUpdatePolicy": policy})
    (action,) = plan([slow], seen("1r", "2s", moment=NOW + 600)).actions
    assert isinstance(action, RollBack) and "MaximumExecutionTimeout" in action.reason


def test_earlier_components_are_served_first_and_instances_follow() -> None:
    first, second = component("Creating", 3), replace(component("Creating", 3), name="d")
    scaled = {"v": VariantView(Needs(4, 8192), 1, InstanceScaling(1, 2))}
    step = plan([first, second], seen(variants=scaled))
    assert step.actions == (*[StartCopy("c", 1, "A")] * 3, StartCopy("d", 1, "A"), SetHosts("v", 2))
    assert plan([], seen("1r")).actions == (StopCopy("0"),)
