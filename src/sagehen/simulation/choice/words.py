"""The choice in three sentences: what to set, what less money gives, what standing still costs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.simulation.choice.objective import Objective, Term
from sagehen.simulation.runs.outcome import Outcome

_MONTH_S = 30 * 86_400


def explain(outcomes: Sequence[Outcome], chosen: Outcome | None, objective: Objective) -> list[str]:
    """Return three sentences on what was compared; fewer where there was less to compare."""
    if chosen is None:
        return _nothing(outcomes, objective)
    return [
        _choice(chosen, objective),
        _less(outcomes, chosen, objective),
        *_still(outcomes, chosen, objective),
    ]


def _choice(chosen: Outcome, objective: Objective) -> str:
    values = ", ".join(f"{term.measure} {_value(term, chosen)}" for term in objective.terms)
    return (
        f"Set {chosen.candidate.name}: {values}, against {objective}, for ${_monthly(chosen):,.2f} a month "
        "at list prices."
    )


def _less(outcomes: Sequence[Outcome], chosen: Outcome, objective: Objective) -> str:
    cheaper = [one for one in outcomes if one.dollars < chosen.dollars]
    if not cheaper:
        return "Nothing that was tried is cheaper."
    next_one = max(cheaper, key=lambda one: one.dollars)
    saved = _monthly(chosen) - _monthly(next_one)
    missed = objective.missed(next_one)
    what = (
        " and ".join(f"{term.measure} becomes {_value(term, next_one)}" for term in missed)
        or "it holds here, but not for another draw of the same traffic"
    )
    return f"{next_one.candidate.name} saves ${saved:,.2f} of that, and {what}."


def _still(outcomes: Sequence[Outcome], chosen: Outcome, objective: Objective) -> list[str]:
    """What the cheapest dearer one buys; one that never changes first."""
    dearer = [one for one in outcomes if one is not chosen and one.dollars >= chosen.dollars]
    if not dearer:
        return ["Nothing dearer was tried."]
    still = [one for one in dearer if not one.candidate.policies and objective.holds(one)]
    other = min(still or dearer, key=lambda one: one.dollars)
    more = _monthly(other) - _monthly(chosen)
    first = objective.terms[0]
    kind = " and never changes" if not other.candidate.policies and chosen.candidate.policies else ""
    return [
        f"{other.candidate.name} costs ${more:,.2f} more{kind}; its {first.measure} is {_value(first, other)}"
        f" instead of {_value(first, chosen)}."
    ]


def _nothing(outcomes: Sequence[Outcome], objective: Objective) -> list[str]:
    closest = min(outcomes, key=objective.excess)
    missed = " and ".join(f"{term.measure} is {_value(term, closest)}" for term in objective.missed(closest))
    return [
        f"Nothing that was tried meets {objective}.",
        f"{closest.candidate.name} comes closest: {missed or 'it held once, not for another draw'}.",
        "More than settings is needed: faster work, more of it at a time, a larger type or more memory, "
        "or a shorter start.",
    ]


def _value(term: Term, outcome: Outcome) -> str:
    value = term.value(outcome)
    if term.measure in ("throttles", "errors"):
        return f"{value:.2%}" if value else "0"
    return f"{value * 1000:,.0f} ms" if value < 10 else f"{value:.1f} s"


def _monthly(outcome: Outcome) -> float:
    return outcome.dollars * _MONTH_S / outcome.duration_s
