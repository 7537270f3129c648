"""How one component goes on: how many copies of which revision it wants, or what ends its change. Pure.

An update is a row of batches (`rollout.py`): new copies come up beside the old ones, which go as these serve;
so there are never fewer in service than before, or than there are to be. A rollback is the same the other
way round, all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sagehen.services.sagemaker.endpoints.deployments.alarms import Observation, rollback_reason
from sagehen.services.sagemaker.inference_components.component import InferenceComponent, Revision
from sagehen.services.sagemaker.inference_components.planning.actions import (
    Action,
    Advance,
    Bake,
    Fail,
    Promote,
    Remove,
    Revert,
    RollBack,
    Settle,
)
from sagehen.services.sagemaker.inference_components.planning.rollout import Batches, batches_of
from sagehen.services.sagemaker.inference_components.planning.views import CopyView, Seen

# So many failed starts in a row end a change of the count: it goes back to what runs. Ours.
_FAILURES_UNTIL_REVERT = 3
_OVERDUE = "The deployment took longer than MaximumExecutionTimeoutInSeconds."
_NO_ENDPOINT = "The endpoint {} was deleted."


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many copies of each revision there are to be.

    Args:
        counts: Revision -> count; of others none.
        until: Epoch seconds when to look again; None: nothing is waited for.
    """

    counts: dict[int, int] = field(default_factory=dict)
    until: float | None = None


def progress(
    component: InferenceComponent, mine: Sequence[CopyView], seen: Seen, alarms: Observation
) -> Action | Wanted:
    """Return what ends a step of the component's, or what it wants while it waits for that.

    Args:
        mine: Its copies.
    """
    if component.status == "Deleting":
        return Wanted() if mine else Remove(component.name)
    if component.status == "Failed":
        return Wanted()
    hosted = component.endpoint_created_at == seen.endpoint_created_at
    if not hosted or component.variant not in seen.variants:
        return _without_endpoint(component)
    if component.pending is not None:
        return _update(component, component.pending, mine, seen, alarms)
    return _count(component, mine, seen)


def _without_endpoint(component: InferenceComponent) -> Action | Wanted:
    """Components outlive their endpoint (recorded: they still say InService); their copies do not."""
    reason = _NO_ENDPOINT.format(component.endpoint)
    if component.status == "Creating":
        return Fail(component.name, reason)
    if component.pending is not None:
        return RollBack(component.name, reason)
    return Settle(component.name) if component.status == "Updating" else Wanted()


def _count(component: InferenceComponent, mine: Sequence[CopyView], seen: Seen) -> Action | Wanted:
    """Return how a component goes on whose copies are to be the live revision's."""
    live, wanted = component.live.number, component.copies
    ready = _ready(mine, live)
    failed = seen.failures.get((component.name, live))
    if component.status == "Creating" and failed is not None:
        # One is enough, as for endpoints: AWS tells a component that cannot start by its first copy.
        return Fail(component.name, failed.reason)
    if component.status == "Updating":
        if failed is not None and failed.count >= _FAILURES_UNTIL_REVERT and ready < wanted:
            return Revert(component.name, ready, failed.reason)
        if ready == wanted == len(mine):
            return Settle(component.name)
    if component.status == "Creating" and ready >= wanted:
        return Settle(component.name)
    counts = {live: wanted}
    if component.leaving is not None:
        counts[component.leaving.number] = max(0, min(_going(mine, component.leaving.number), wanted - ready))
    return Wanted(counts)


def _update(
    component: InferenceComponent,
    pending: Revision,
    mine: Sequence[CopyView],
    seen: Seen,
    alarms: Observation,
) -> Action | Wanted:
    """Return how the pending revision goes on or ends."""
    name, batches = component.name, batches_of(component.deployment_config, component.copies)
    failed = seen.failures.get((name, pending.number))
    deadline = None if batches.timeout_s is None else component.modified_at.timestamp() + batches.timeout_s
    if failed is not None:
        return RollBack(name, failed.reason)
    if (reason := rollback_reason(component.deployment_config, alarms)) is not None:
        return RollBack(name, reason)
    if deadline is not None and seen.moment >= deadline:
        return RollBack(name, _OVERDUE)
    ready = _ready(mine, pending.number)
    least = min(component.copies, component.copies_before)
    old = 0 if ready >= component.copies else max(0, least - ready)
    until = None
    if ready >= component.moved and _going(mine, component.live.number) <= old:
        if batches.wait_s and not component.moved_at:
            return Bake(name)
        until = component.moved_at + batches.wait_s if batches.wait_s else None
        if until is None or seen.moment >= until:
            return _next_batch(component, batches)
    waits = [at for at in (until, deadline) if at is not None]
    return Wanted({pending.number: component.moved, component.live.number: old}, min(waits, default=None))


def _next_batch(component: InferenceComponent, batches: Batches) -> Action:
    if component.moved >= component.copies:
        return Promote(component.name)
    return Advance(component.name, min(component.copies, component.moved + batches.size))


def _ready(mine: Sequence[CopyView], revision: int) -> int:
    return sum(copy.revision == revision and copy.phase == "ready" for copy in mine)


def _going(mine: Sequence[CopyView], revision: int) -> int:
    return sum(copy.revision == revision and copy.phase != "stopping" for copy in mine)
