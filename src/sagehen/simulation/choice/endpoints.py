"""What is tried for an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from sagehen.autoscaling.policy import VARIANT_COOLDOWN_S, TargetTrackingPolicy
from sagehen.simulation.choice.best import best, nearest
from sagehen.simulation.choice.search import Search, named, peak
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.sites import MOST_INSTANCES, Candidate, EndpointSite
from sagehen.simulation.scaling.watched import tracking
from sagehen.traffic.durations import duration_text

# Shares of what one instance takes; AWS advises half.
_LOADS = (0.85, 0.75, 0.65, 0.5, 0.4, 0.3)
# Scale-out and scale-in, in seconds, beside the default of 300 for both.
_COOLDOWNS = ((60.0, 300.0), (0.0, 900.0), (300.0, 900.0))


def recommend(search: Search, site: EndpointSite) -> tuple[list[Outcome], Outcome | None]:
    """Try targets, bounds and cooldowns; see Search.settle."""
    found = search.coarse([*_fixed(search, site), *_scaled(search, site)])
    chosen = best(found, search.objective) or nearest(found, search.objective)
    if chosen.candidate.policies:
        search.coarse(_with_cooldowns(chosen.candidate))
    fixed = search.fixed()
    return search.settle([fixed] if fixed else [])


def _needed(site: EndpointSite, rate: float, load: float) -> int:
    """Return how many instances have this load at this rate."""
    return max(1, min(MOST_INSTANCES, ceil(rate * site.service.mean / site.limits.concurrency / load)))


def _fixed(search: Search, site: EndpointSite) -> Iterator[Candidate]:
    counts = {_needed(site, peak(search.traffic), load) for load in (0.95, 0.85, 0.75, 0.6, 0.45)}
    # One more says what more money buys, where all loads come to the same.
    for count in sorted(counts | {min(max(counts) + 1, MOST_INSTANCES)}):
        yield named(Candidate("", count, count, count, shown={"instances": str(count)}))


def _scaled(search: Search, site: EndpointSite) -> Iterator[Candidate]:
    takes = 60 * site.limits.concurrency / site.service.mean
    # Room for a peak that is half as high again.
    maximum = min(MOST_INSTANCES, max(2, ceil(1.5 * _needed(site, peak(search.traffic), 0.8))))
    least = [_needed(site, peak(search.traffic, share), 0.7) for share in (0.0, 0.5, 0.9)]
    for minimum in sorted({1, *least}):
        if minimum >= maximum:
            continue
        for load in _LOADS:
            yield _candidate(_rounded(load * takes), minimum, maximum, VARIANT_COOLDOWN_S, VARIANT_COOLDOWN_S)


def _with_cooldowns(candidate: Candidate) -> Iterator[Candidate]:
    policy = candidate.policies[0].policy
    assert isinstance(policy, TargetTrackingPolicy)
    for out, back in _COOLDOWNS:
        yield _candidate(policy.target, candidate.minimum, candidate.maximum, out, back)


def _candidate(target: float, minimum: int, maximum: int, out: float, back: float) -> Candidate:
    policy = TargetTrackingPolicy(target, out, back)
    shown = {"target": f"{target:g}", "min": str(minimum), "max": str(maximum)}
    if (out, back) != (VARIANT_COOLDOWN_S, VARIANT_COOLDOWN_S):
        shown |= {"scale_out_cooldown": duration_text(out), "scale_in_cooldown": duration_text(back)}
    watched = tracking("target", policy, "InvocationsPerInstance")
    return named(Candidate("", minimum, maximum, minimum, (watched,), shown=shown))


def _rounded(target: float) -> float:
    """Return it to two digits: nobody sets 712.33."""
    digits = len(str(int(target))) - 2
    return float(round(target, -digits)) if digits >= 0 else round(target, 1)
