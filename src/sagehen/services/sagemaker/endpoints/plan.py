"""What one endpoint needs next: plan(endpoint, instances, failures, now) -> actions. No effects.

An endpoint has a live deployment and, while it is created or updated, a pending one. The pending
one comes up beside the live one and takes over the traffic as `rollout.py` says (by default at
once, when every instance of it is ready), and the old instances go; if one of its instances cannot
start, it goes instead, and the live one never noticed. Instances that die are replaced, at once the
first time, later ever less eagerly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sagehen.services.sagemaker.endpoints.deployments import rollout
from sagehen.services.sagemaker.endpoints.deployments.alarms import Observation, rollback_reason
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant
from sagehen.upkeep import failures as ends
from sagehen.upkeep.run import Phase

# Starts of one variant that failed in a row, with FailureReason.
Failures = ends.Failures[str]
# Ours, as all numbers here: AWS replaces an instance when it does, and names none.
_PAUSE_S = 1.0
# So many failed starts in a row end a change of capacity: the count goes back to what runs.
_FAILURES_UNTIL_REVERT = 3
_FAILURES_UNTIL_WITHDRAWN = 2


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One instance as observed. `order` grows with age: smaller started earlier.

    Args:
        leaving: Whether its machine is being drained, and another one takes instances.
        copies: Of inference components, that it hosts.
    """

    instance_id: str
    generation: int
    variant: str
    phase: Phase
    order: int = 0
    leaving: bool = False
    copies: int = 0


@dataclass(frozen=True, slots=True)
class StartInstance:
    """One more instance of a variant of a deployment."""

    generation: int
    variant: str


@dataclass(frozen=True, slots=True)
class StopInstance:
    """An instance is drained and ended; it counts no longer."""

    instance_id: str


@dataclass(frozen=True, slots=True)
class Advance:
    """The pending deployment takes its next share of the traffic."""

    step: int


@dataclass(frozen=True, slots=True)
class Promote:
    """The pending deployment becomes the live one and gets the traffic."""


@dataclass(frozen=True, slots=True)
class RollBack:
    """The pending deployment is given up: the endpoint fails if there is no live one."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The deployment that was given up gets no more traffic, and ends."""


@dataclass(frozen=True, slots=True)
class RevertCapacity:
    """A change of counts is given up: each variant keeps what is ready."""

    reason: str
    ready: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settle:
    """The endpoint is what it should be: InService."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Nothing of the deleted endpoint is left but its record."""


Action = (
    StartInstance | StopInstance | Advance | Promote | RollBack | Withdraw | RevertCapacity | Settle | Remove
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions to take now; `wake_at` (monotonic) is when to look again without being poked."""

    actions: tuple[Action, ...] = ()
    wake_at: float | None = None


def plan(
    endpoint: Endpoint,
    instances: Sequence[InstanceView],
    failures: Mapping[tuple[int, str], Failures],
    now: float,
    moment: float = 0.0,
    alarms: Observation | None = None,
) -> Plan:
    """Return what brings `instances` nearer to what `endpoint` wants. Safe to ask twice.

    Args:
        now: On the monotonic clock, which failures and wakes are on.
        moment: The same instant in seconds since the epoch, which survives a restart.
        alarms: What is seen of those that may roll the pending deployment back.
    """
    going = [i for i in instances if i.phase != "stopping"]
    if endpoint.status in ("Deleting", "Failed"):
        if instances or endpoint.status == "Failed":
            return Plan(tuple(StopInstance(i.instance_id) for i in going))
        return Plan((Remove(),))
    if endpoint.pending is not None or endpoint.leaving is not None:
        # An update moves everything anyway, to machines that take instances.
        going = [replace(i, leaving=False) for i in going]
    counts = {(d.generation, v.name): v.desired_count for d in endpoint.deployments for v in d.variants}
    wakes: list[float] = []
    if endpoint.pending is not None:
        step = _step(endpoint, endpoint.pending, going, failures, moment, alarms)
        if not isinstance(step, rollout.Stage):
            return Plan((step,))
        counts |= step.counts
        wakes += [now + at - moment for at in (step.until, step.deadline) if at is not None]
    if endpoint.leaving is not None and endpoint.live is not None:
        serving = {
            (endpoint.leaving.generation, v.name): _ready(endpoint.leaving, v, going)
            for v in endpoint.leaving.variants
        }
        if not all(serving.values()) or _is_replaced(endpoint.live, going, failures):
            return Plan((Withdraw(),))
        counts |= serving  # none is replaced
    retired = [i for i in going if (i.generation, i.variant) not in counts]
    # Of a deployment that is no longer wanted: what an update or a rollback leaves.
    actions: list[Action] = [StopInstance(i.instance_id) for i in retired]
    for deployment in endpoint.deployments:
        for variant in deployment.variants:
            wanted = counts[deployment.generation, variant.name]
            changes, wake = _fit(deployment, variant, wanted, going, failures, now)
            actions += changes
            wakes += wake
    if not actions and endpoint.pending is None and endpoint.live is not None:
        actions += _conclude(endpoint, endpoint.live, instances, failures)
    return Plan(tuple(actions), min(wakes, default=None))


def _step(
    endpoint: Endpoint,
    pending: Deployment,
    going: Sequence[InstanceView],
    failures: Mapping[tuple[int, str], Failures],
    moment: float,
    alarms: Observation | None,
) -> Action | rollout.Stage:
    """Return how the pending deployment goes on or ends, or the stage that it is in and waits at."""
    broken = [failures[key] for v in pending.variants if (key := (pending.generation, v.name)) in failures]
    if broken:
        # One is enough: AWS does not try a start again while it creates or updates (from memory).
        return RollBack(broken[0].reason)
    if endpoint.live is not None and alarms is not None:
        reason = rollback_reason(endpoint.deployment_config, alarms)
        if reason is not None:
            return RollBack(reason)
    stage = rollout.stage(endpoint, pending, moment)
    if stage.overdue:
        return RollBack("The deployment took longer than MaximumExecutionTimeoutInSeconds.")
    if stage.until is None and _is_ready(pending, going, stage.counts):
        return Promote() if stage.next_step is None else Advance(stage.next_step)
    return stage


def _is_replaced(
    live: Deployment, going: Sequence[InstanceView], failures: Mapping[tuple[int, str], Failures]
) -> bool:
    """Tell whether those that serve for old instances need not any more, or stand in their way."""
    # Old instances that do not start may lack the room that the new ones have.
    cramped = any(
        (failed := failures.get((live.generation, v.name))) is not None
        and failed.count >= _FAILURES_UNTIL_WITHDRAWN
        for v in live.variants
    )
    return cramped or _is_ready(live, going)


def _fit(
    deployment: Deployment,
    variant: EndpointVariant,
    wanted: int,
    going: Sequence[InstanceView],
    failures: Mapping[tuple[int, str], Failures],
    now: float,
) -> tuple[list[Action], list[float]]:
    """Return the starts and stops that give a variant its count, and when to try a start again."""
    mine = [i for i in going if (i.generation, i.variant) == (deployment.generation, variant.name)]
    if moved := _move(mine, wanted):
        return [StopInstance(i.instance_id) for i in moved], []
    missing = wanted - len(mine) + _to_be_replaced(mine, wanted)
    if missing < 0:
        # Those that do not serve yet go first, then the emptiest, then the youngest.
        surplus = sorted(mine, key=lambda i: (i.phase == "ready", i.copies, -i.order))[:-missing]
        return [StopInstance(i.instance_id) for i in surplus], []
    if missing == 0:
        return [], []
    failed = failures.get((deployment.generation, variant.name))
    if failed is not None and (again_at := failed.again_at(_PAUSE_S)) > now:
        return [], [again_at]
    return [StartInstance(deployment.generation, variant.name)] * missing, []


def _move(mine: Sequence[InstanceView], wanted: int) -> list[InstanceView]:
    """Return which instances of a drained machine end now: those that serve nobody, or for which another
    one serves.

    Worked example: 2 are wanted, 1 of 2 is leaving. A third one is started (`_to_be_replaced`); once
    all 3 are ready, the leaving one is drained. With more than 3 it is surplus as any other.
    """
    leaving = [i for i in mine if i.leaving]
    if useless := [i for i in leaving if i.phase != "ready"]:
        return useless
    ready = sum(i.phase == "ready" for i in mine)
    return leaving[: max(0, ready - wanted)]


def _to_be_replaced(mine: Sequence[InstanceView], wanted: int) -> int:
    """Return how many are started beyond the count, so that one that leaves has a replacement.

    One at a time: a machine that is drained may have many, and the others not the room for twice all of them.
    """
    return int(any(i.leaving for i in mine) and len(mine) <= wanted + 1 and wanted > 0)


def _conclude(
    endpoint: Endpoint,
    live: Deployment,
    instances: Sequence[InstanceView],
    failures: Mapping[tuple[int, str], Failures],
) -> list[Action]:
    """Return how an update or a rollback ends, when it does."""
    if endpoint.status not in ("Updating", "RollingBack"):
        return []
    if _is_ready(live, instances) and not any(i.phase == "stopping" for i in instances):
        return [Settle()]
    for variant in live.variants:
        failed = failures.get((live.generation, variant.name))
        ready = _ready(live, variant, instances)
        # Where nothing serves there is nothing to go back to: starts go on, ever less eagerly.
        if failed and failed.count >= _FAILURES_UNTIL_REVERT and 0 < ready < variant.desired_count:
            counts = {v.name: _ready(live, v, instances) or v.desired_count for v in live.variants}
            return [RevertCapacity(failed.reason, counts)]
    return []


def _is_ready(
    deployment: Deployment,
    instances: Sequence[InstanceView],
    counts: Mapping[tuple[int, str], int] | None = None,
) -> bool:
    """Tell whether every variant has its instances in service: all, or as many as `counts` says."""
    return all(
        _ready(deployment, v, instances)
        >= (v.desired_count if counts is None else counts[deployment.generation, v.name])
        for v in deployment.variants
    )


def _ready(deployment: Deployment, variant: EndpointVariant, instances: Sequence[InstanceView]) -> int:
    return sum(
        i.phase == "ready" and (i.generation, i.variant) == (deployment.generation, variant.name)
        for i in instances
    )
