"""What comes of a plan: its candidates' runs, or those of a search, and which to take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sagehen.simulation.bill.bill import bill
from sagehen.simulation.choice.advice import advice
from sagehen.simulation.choice.best import best
from sagehen.simulation.choice.recommend import recommend
from sagehen.simulation.choice.search import Search
from sagehen.simulation.choice.words import explain
from sagehen.simulation.plan.plan import Plan
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.pace import REQUESTS, pace_of
from sagehen.simulation.runs.rehearse import Rehearsal

NO_QUESTION = "name candidates to compare, or an objective to search for: p99 <= 300ms"


def carried_out(
    plan: Plan, progress: Callable[[int, str], None], requests: int | None = REQUESTS
) -> tuple[list[Outcome], Outcome | None]:
    """Run a plan's candidates, or search for some; return what is worth showing, and the one to take.

    Args:
        progress: Is told number and name of each run before it begins.
        requests: Of one run, served one by one; None serves all.

    Raises:
        ValueError: It has neither candidates nor an objective.
    """
    if not plan.candidates:
        if plan.objective is None:
            raise ValueError(NO_QUESTION)
        site, prices, seed = plan.site, plan.prices, plan.seed
        return recommend(Search(site, plan.traffic, prices, plan.objective, seed, requests, progress))
    rehearsal = Rehearsal(plan.site, plan.traffic, plan.seed)
    pace = pace_of(plan.traffic, requests)
    outcomes = []
    for number, candidate in enumerate(plan.candidates):
        progress(number, candidate.name)
        outcome = rehearsal.run(candidate, pace)
        outcome.cost = bill(outcome, plan.site, plan.prices)
        outcomes.append(outcome)
    return outcomes, best(outcomes, plan.objective) if plan.objective else None


def told(plan: Plan, outcomes: Sequence[Outcome], chosen: Outcome | None) -> list[str]:
    """Return the sentences about it: which to take and why, then what is known to be got wrong."""
    words = explain(outcomes, chosen, plan.objective) if plan.objective else []
    return [*words, *advice(plan.site, outcomes)]
