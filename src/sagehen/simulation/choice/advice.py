"""What people get wrong, told when they do. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.autoscaling.policy import TargetTrackingPolicy
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.rehearse import Site
from sagehen.simulation.runs.sites import QUOTA, EndpointSite

# Below this share of what an instance takes in a minute, a target is probably meant for a second.
_LOW, _HIGH = 0.05, 0.95


def advice(site: Site, outcomes: Sequence[Outcome]) -> list[str]:
    """Return sentences; none where there is nothing to say."""
    if isinstance(site, EndpointSite):
        return [*_instances(site, outcomes), *_cooldowns(outcomes), *_low_alarm(outcomes)]
    behind = [outcome.behind for outcome in outcomes if outcome.behind is not None]
    asked = advice(site.behind, behind) if site.behind is not None else []
    notes = [*_provisioned(outcomes), *_cooldowns(outcomes), *_low_alarm(outcomes), *asked]
    return list(dict.fromkeys(notes))


def _instances(site: EndpointSite, outcomes: Sequence[Outcome]) -> list[str]:
    notes = _targets(site, outcomes)
    if any(outcome.candidate.maximum > QUOTA for outcome in outcomes):
        notes.append(f"More than {QUOTA} instances of a type are beyond AWS's default quota: ask for more.")
    return notes


def _targets(site: EndpointSite, outcomes: Sequence[Outcome]) -> list[str]:
    """The target is invocations per instance and minute."""
    takes = 60 * site.limits.concurrency / site.service.mean
    notes = []
    for target in sorted(_target_values(outcomes)):
        if target < _LOW * takes:
            notes.append(
                f"A target of {target:g} is invocations per instance and minute, not a second, not at once: "
                f"one instance here takes {takes:,.0f} a minute, and would be scaled at {target / takes:.1%} "
                "of that."
            )
        elif target > _HIGH * takes:
            notes.append(
                f"A target of {target:g} invocations per instance and minute is not below what one instance "
                f"takes ({takes:,.0f}): lines are long before an alarm sees anything. AWS advises half of it."
            )
    return notes


def _provisioned(outcomes: Sequence[Outcome]) -> list[str]:
    if not any(outcome.candidate.maximum for outcome in outcomes):
        return []
    return [
        "Provisioned concurrency belongs to a published version or an alias, never to $LATEST, and serves "
        "only who invokes that."
    ]


def _cooldowns(outcomes: Sequence[Outcome]) -> list[str]:
    """A cooldown is a wait after an activity."""
    named = [
        one.candidate.name
        for one in outcomes
        if any(name.endswith("_cooldown") for name in one.candidate.shown)
    ]
    if not named:
        return []
    return [
        "A cooldown is a wait after an activity, not a delay before one: a shorter one does not make the "
        "first change come sooner. A scale-out never waits for a scale-in, and a larger demand still passes."
    ]


def _low_alarm(outcomes: Sequence[Outcome]) -> list[str]:
    """The low alarm needs fifteen quiet minutes."""
    for one in outcomes:
        grown = any(activity.after > activity.before for activity in one.activities)
        shrunk = any(activity.after < activity.before for activity in one.activities)
        if grown and not shrunk and _target_values([one]):
            return [
                f"{one.candidate.name} never scaled in: its low alarm needs fifteen minutes in a row below "
                "90 % of the target."
            ]
    return []


def _target_values(outcomes: Sequence[Outcome]) -> set[float]:
    return {
        watched.policy.target
        for one in outcomes
        for watched in one.candidate.policies
        if isinstance(watched.policy, TargetTrackingPolicy)
    }
