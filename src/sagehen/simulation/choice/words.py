"""The choice in three sentences: what to set, what less money gives, what more buys. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.simulation.choice.best import SAME
from sagehen.simulation.choice.objective import Objective, Term
from sagehen.simulation.runs.outcome import Outcome

_MONTH_S = 30 * 86_400
_NOT_ALWAYS = "it held here, but not each time it was tried"


def explain(outcomes: Sequence[Outcome], chosen: Outcome | None, objective: Objective) -> list[str]:
    """Return three sentences on what was compared."""
    if chosen is None:
        return _nothing(outcomes, objective)
    return [
        _choice(chosen, objective),
        _less(outcomes, chosen, objective),
        _more(outcomes, chosen, objective),
    ]


def _choice(chosen: Outcome, objective: Objective) -> str:
    values = ", ".join(f"{term.measure} {_value(term, chosen)}" for term in objective.terms)
    verb = "Set" if chosen.candidate.shown or chosen.candidate.policies else "Keep"
    return (
        f"{verb} {chosen.candidate.name}: {values}, against {objective}, for ${_monthly(chosen):,.2f} "
        "a month at list prices."
    )


def _less(outcomes: Sequence[Outcome], chosen: Outcome, objective: Objective) -> str:
    cheaper = [one for one in outcomes if one.dollars * SAME < chosen.dollars]
    if not cheaper:
        return "Nothing that was compared is cheaper."
    next_one = max(cheaper, key=lambda one: one.dollars)
    saved = _monthly(chosen) - _monthly(next_one)
    missed = objective.missed(next_one)
    what = " and ".join(f"{term.measure} becomes {_value(term, next_one)}" for term in missed) or _NOT_ALWAYS
    return f"{next_one.candidate.name} saves ${saved:,.2f} of that, and {what}."


def _more(outcomes: Sequence[Outcome], chosen: Outcome, objective: Objective) -> str:
    """What the cheapest dearer one buys that meets the objective; one that never changes first."""
    dearer = [one for one in outcomes if one.dollars > chosen.dollars * SAME]
    if not dearer:
        return "Nothing that was compared is dearer."
    meeting = [one for one in dearer if objective.holds(one)]
    still = [one for one in meeting if not one.candidate.policies]
    other = min(still or meeting or dearer, key=lambda one: one.dollars)
    more = _monthly(other) - _monthly(chosen)
    kind = " and never changes" if not other.candidate.policies and chosen.candidate.policies else ""
    pairs = [(term.measure, _value(term, chosen), _value(term, other)) for term in objective.terms]
    measure, now, then = next((pair for pair in pairs if pair[1] != pair[2]), pairs[0])
    instead = f"{then} instead of {now}" if then != now else f"{then} as well"
    return f"{other.candidate.name} costs ${more:,.2f} more{kind}; its {measure} is {instead}."


def _nothing(outcomes: Sequence[Outcome], objective: Objective) -> list[str]:
    closest = min(outcomes, key=objective.excess)
    missed = " and ".join(f"{term.measure} is {_value(term, closest)}" for term in objective.missed(closest))
    return [
        f"Nothing that was tried meets {objective}.",
        f"{closest.candidate.name} comes closest: {missed or _NOT_ALWAYS}.",
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
