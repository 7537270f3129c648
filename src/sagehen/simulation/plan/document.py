"""A rehearsal as JSON; docs/rehearse.md describes it. `version` rises when a member changes its meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagehen.autoscaling.policy import TargetTrackingPolicy
from sagehen.simulation.choice.objective import Objective
from sagehen.simulation.plan.plan import Plan
from sagehen.simulation.runs.outcome import Outcome

VERSION = 1


def document(
    plan: Plan, outcomes: Sequence[Outcome], chosen: Outcome | None, words: Sequence[str]
) -> dict[str, Any]:
    """Return everything that was found."""
    return {
        "version": VERSION,
        "seconds": plan.traffic.duration,
        "requests_expected": round(plan.traffic.total),
        "objective": None if plan.objective is None else str(plan.objective),
        "prices": {"region": plan.prices.region, "date": plan.prices.date, "source": plan.prices.source},
        "recommended": None if chosen is None else chosen.candidate.name,
        "words": list(words),
        "candidates": [_candidate(outcome, plan.objective) for outcome in outcomes],
    }


def _candidate(outcome: Outcome, objective: Objective | None) -> dict[str, Any]:
    tally, candidate = outcome.tally, outcome.candidate
    return {
        "name": candidate.name,
        "settings": {
            "min": candidate.minimum,
            "max": candidate.maximum,
            "initial": candidate.initial,
            "reserved": candidate.reserved,
            **candidate.shown,
        },
        "tracking": [
            {
                "target": watched.policy.target,
                "scale_out_cooldown_seconds": watched.policy.scale_out_cooldown_s,
                "scale_in_cooldown_seconds": watched.policy.scale_in_cooldown_s,
                "scale_in": not watched.policy.disable_scale_in,
            }
            for watched in candidate.policies
            if isinstance(watched.policy, TargetTrackingPolicy)
        ],
        "endpoint": None if outcome.behind is None else _candidate(outcome.behind, None),
        "meets_objective": None if objective is None else objective.holds(outcome),
        "requests": {
            "arrived": round(tally.arrived),
            "answered": round(tally.answered),
            "throttled": round(tally.throttled),
            "overloaded": round(tally.overloaded),
            "timed_out": round(tally.timed_out),
            "cold_starts": round(tally.cold),
            "provisioned": round(tally.provisioned),
            "spilled": round(tally.spilled),
            "served_one_by_one": outcome.simulated,
        },
        "latency_ms": _percentiles(tally.latencies),
        "wait_ms": _percentiles(tally.waits),
        "capacity_hours": round(outcome.capacity_s / 3600, 4),
        "cost": {name: round(value, 6) for name, value in outcome.cost.items()},
        "dollars": round(outcome.dollars, 6),
        "activities": _activities(outcome),
        "series": [
            {
                "seconds": point.at_s,
                "rate": round(point.rate, 3),
                "desired": point.desired,
                "serving": point.serving,
                "p50_ms": round(point.p50_s * 1000, 3),
                "p99_ms": round(point.p99_s * 1000, 3),
                "throttled": round(point.throttled, 3),
                "errors": round(point.errors, 3),
            }
            for point in outcome.points
        ],
    }


def _activities(outcome: Outcome) -> list[dict[str, Any]]:
    return [
        {
            "seconds": activity.at_s,
            "from": activity.before,
            "to": activity.after,
            "cause": activity.cause,
            "not_scaled": activity.reason or None,
            "fulfilled_seconds": activity.ended_s,
        }
        for activity in outcome.activities
    ]


def _percentiles(spread: Any) -> dict[str, float]:
    found = {
        f"p{percent:g}": round(spread.percentile(percent) * 1000, 3) for percent in (50, 90, 95, 99, 99.9)
    }
    return {"mean": round(spread.mean * 1000, 3), **found}
