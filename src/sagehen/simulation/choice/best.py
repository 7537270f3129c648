"""The candidate to take: the cheapest that meets the objective, or the one that misses it least."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.simulation.choice.objective import Objective
from sagehen.simulation.runs.outcome import Outcome

# What costs this much more costs the same.
SAME = 1.001


def best(outcomes: Sequence[Outcome], objective: Objective) -> Outcome | None:
    """Return the cheapest outcome that meets the objective; None where none does.

    Of two that cost the same within a thousandth the one with the shorter waits is taken.
    """
    meeting = [outcome for outcome in outcomes if objective.holds(outcome)]
    if not meeting:
        return None
    least = min(outcome.dollars for outcome in meeting)
    near = [outcome for outcome in meeting if outcome.dollars <= least * SAME]
    return min(near, key=lambda outcome: outcome.tally.waits.percentile(99))


def nearest(outcomes: Sequence[Outcome], objective: Objective) -> Outcome:
    """Return what misses the objective least."""
    return min(outcomes, key=objective.excess)
