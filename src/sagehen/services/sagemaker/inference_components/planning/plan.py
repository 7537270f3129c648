"""What the components of one endpoint need next: plan(components, what is seen) -> actions. No effects.

Components are served in the order in which they were made: what one is short of, a later one does not take
from under it in the same pass. Copies on an instance that is to go are replaced elsewhere before they end,
where there is room; where none can come, they are drained and end with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sagehen.services.sagemaker.endpoints.deployments.alarms import Observation
from sagehen.services.sagemaker.inference_components.component import InferenceComponent, Revision
from sagehen.services.sagemaker.inference_components.needs import left_of
from sagehen.services.sagemaker.inference_components.planning import hosts
from sagehen.services.sagemaker.inference_components.planning.actions import (
    Action,
    Fail,
    Plan,
    Revert,
    RollBack,
    SetHosts,
    StartCopy,
    StopCopy,
)
from sagehen.services.sagemaker.inference_components.planning.placement import Place, choose, surplus
from sagehen.services.sagemaker.inference_components.planning.progress import Wanted, progress
from sagehen.services.sagemaker.inference_components.planning.views import CopyView, Seen

# Recorded, in a skill for deployments of Hugging Face models (public).
NO_ROOM = (
    "There is not enough hardware resources on the instances for this endpoint to create a copy of the "
    "inference component."
)
# Ours: as for instances of endpoints.
_PAUSE_S = 1.0
_UNSEEN = Observation()


@dataclass(slots=True)
class _Work:
    """What one pass has found so far."""

    seen: Seen
    # The copies of each component, by its name.
    copies: Mapping[str, Sequence[CopyView]]
    actions: list[Action] = field(default_factory=list)
    wakes: list[float] = field(default_factory=list)
    # (component, revision) of copies that are missing, in their order, and the places of each variant.
    waiting: dict[str, list[tuple[InferenceComponent, Revision]]] = field(default_factory=dict)
    places: dict[str, list[Place]] = field(default_factory=dict)


def plan(
    components: Sequence[InferenceComponent],
    seen: Seen,
    alarms: Callable[[InferenceComponent], Observation] = lambda component: _UNSEEN,
) -> Plan:
    """Return what brings the copies and hosts nearer to what the components want. Safe to ask twice.

    Args:
        components: All of the endpoint's, the oldest first.
        alarms: What is seen of those that may roll an update back.
    """
    work = _Work(seen, _by_component(seen.copies))
    work.places = {name: _places(name, seen) for name in seen.variants}
    wanted: dict[str, Mapping[int, int]] = {}
    for component in components:
        step = progress(component, work.copies.get(component.name, ()), seen, alarms(component))
        if isinstance(step, Wanted):
            wanted[component.name] = step.counts
            if step.until is not None:
                work.wakes.append(seen.now + step.until - seen.moment)
        else:
            work.actions.append(step)
    for component in components:
        if component.name in wanted:
            for number in _revisions(component, work.copies.get(component.name, ())):
                _fit(work, component, number, wanted[component.name].get(number, 0))
    known = {component.name for component in components}
    work.actions += [
        StopCopy(copy.copy_id)
        for copy in seen.copies
        if copy.component not in known and copy.phase != "stopping"
    ]
    for variant in seen.variants:
        _house(work, variant)
    return Plan(tuple(work.actions), min(work.wakes, default=None))


def _places(variant: str, seen: Seen) -> list[Place]:
    whole = seen.variants[variant].whole
    places: list[Place] = []
    for host in seen.hosts:
        if host.variant != variant or host.host not in seen.staying:
            continue
        here = [copy for copy in seen.copies if copy.host == host.host]
        counts: dict[str, int] = {}
        for copy in here:
            counts[copy.component] = counts.get(copy.component, 0) + 1
        places.append(Place(host.host, left_of(whole, (copy.needs for copy in here)), counts, host.ready))
    return places


def _by_component(copies: Sequence[CopyView]) -> dict[str, list[CopyView]]:
    grouped: dict[str, list[CopyView]] = {}
    for copy in copies:
        grouped.setdefault(copy.component, []).append(copy)
    return grouped


def _revisions(component: InferenceComponent, copies: Sequence[CopyView]) -> list[int]:
    """Return the revisions that matter: those on record, and whatever else has copies."""
    there = [copy.revision for copy in copies]
    return list(dict.fromkeys((*(revision.number for revision in component.revisions), *there)))


def _fit(work: _Work, component: InferenceComponent, number: int, wanted: int) -> None:
    """Note the starts and stops that give a revision its count."""
    seen = work.seen
    all_of_it = work.copies.get(component.name, ())
    mine = [copy for copy in all_of_it if copy.revision == number and copy.phase != "stopping"]
    leaving = [copy for copy in mine if copy.host not in seen.staying]
    staying = [copy for copy in mine if copy.host in seen.staying]
    # Of those that leave only what serves is worth its time, and only until others do.
    serving = sum(copy.phase == "ready" for copy in staying)
    kept = [copy for copy in leaving if copy.phase == "ready"][: max(0, wanted - serving)]
    work.actions += [StopCopy(copy.copy_id) for copy in leaving if copy not in kept]
    missing, revision = wanted - len(staying), component.revision(number)
    if missing < 0:
        on_host = {place.host: place.count for places in work.places.values() for place in places}
        told = [(copy.copy_id, copy.host, copy.phase == "ready") for copy in staying]
        placement = revision.placement if revision else "SPREAD"
        work.actions += [StopCopy(copy_id) for copy_id in surplus(told, -missing, on_host, placement)]
    if missing <= 0 or revision is None:
        return
    failed = seen.failures.get((component.name, number))
    if failed is not None and (again_at := failed.again_at(_PAUSE_S)) > seen.now:
        work.wakes.append(again_at)
        return
    work.waiting.setdefault(component.variant, []).extend([(component, revision)] * missing)


def _house(work: _Work, variant: str) -> None:
    """Place what waits on a variant's instances; say how many of these there are to be."""
    places, seen = work.places[variant], work.seen
    left: list[tuple[InferenceComponent, Revision]] = []
    coming = {copy.component for copy in seen.copies if copy.phase == "starting"}
    for component, revision in work.waiting.get(variant, ()):
        place = choose(places, component.name, revision.needs, revision.placement)
        if place is None:
            left.append((component, revision))
            continue
        place.take(component.name, revision.needs)
        coming.add(component.name)
        if place.ready:
            work.actions.append(StartCopy(component.name, revision.number, place.host))
    told = [(component.name, revision.needs, revision.placement) for component, revision in left]
    mine = [host for host in seen.hosts if host.variant == variant and host.host in seen.staying]
    busy = {place.host for place in places if place.count}
    change = hosts.wanted(seen.variants[variant], mine, busy, told, seen.now)
    if change.count != seen.variants[variant].desired:
        work.actions.append(SetHosts(variant, change.count))
    if change.wake_at is not None:
        work.wakes.append(change.wake_at)
    coming |= {component.name for at, (component, _) in enumerate(left) if at not in change.homeless}
    _give_up(work, [left[at] for at in change.homeless], coming, _frees(work, variant))


def _frees(work: _Work, variant: str) -> bool:
    """Tell whether room is about to come free on a variant: then nothing is given up for want of it."""
    seen = work.seen
    mine = {host.host for host in seen.hosts if host.variant == variant} & seen.staying
    stopped = {action.copy_id for action in work.actions if isinstance(action, StopCopy)}
    return any(
        copy.host in mine and (copy.phase == "stopping" or copy.copy_id in stopped) for copy in seen.copies
    )


def _give_up(
    work: _Work,
    homeless: Sequence[tuple[InferenceComponent, Revision]],
    coming: Collection[str],
    frees: bool,
) -> None:
    """Note what becomes of components that no instance has room for, and none will.

    Args:
        coming: Those of which some copies come up yet: what is kept is known when these have.
        frees: Whether room is about to come free.
    """
    stays = work.seen.staying
    for component in dict.fromkeys(component.name for component, _ in homeless):
        of, revision = next(pair for pair in homeless if pair[0].name == component)
        copies = work.copies.get(component, ())
        # Nobody takes their place: they end with their instance.
        work.actions += [
            StopCopy(copy.copy_id)
            for copy in copies
            if copy.host not in stays
            and copy.phase != "stopping"
            and StopCopy(copy.copy_id) not in work.actions
        ]
        if frees:
            continue
        ready = sum(
            copy.phase == "ready" and copy.revision == of.live.number and copy.host in stays
            for copy in copies
        )
        if of.status == "Creating":
            work.actions.append(Fail(component, NO_ROOM))
        elif of.pending is not None and revision == of.pending:
            work.actions.append(RollBack(component, NO_ROOM))
        elif of.status == "Updating" and component not in coming:
            work.actions.append(Revert(component, ready, NO_ROOM))
