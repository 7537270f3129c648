"""Hyperband: which training jobs go on to the next rung, and which are stopped. Pure.

A trial's resource is the number of values of the objective metric that it has printed (documented: one
after each epoch). A bracket begins with some resource and has rungs at that, at three times that, at nine
times, ... below MaxResource. At a rung a trial goes on that is among the best third of those of its bracket
that have come so far, itself included. Brackets begin at MinResource, at three times that, and so on, and
take turns: the first try many hyperparameters a little, the last few of them long. That is Hyperband's
asynchronous form (ASHA, Li et al. 2018), since AWS stops jobs and never pauses them; at MaxResource every one
is stopped (documented).

Worked example: MinResource 1, MaxResource 9. Bracket 0 has rungs at 1 and 3, bracket 1 at 3, bracket 2
none. Of nine trials, the first, fourth and seventh are in bracket 0. The third of these to print its first
value goes on only where that value is the best of the three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.tuning.definition.definition import Definition
from sagehen.services.sagemaker.tuning.definition.objective import Objective

# From the paper, which finds 3 or 4 best.
_FACTOR = 3
# Documented: HyperbandStrategyConfig's model.
MOST_RESOURCE = 20_000
_INFERRED_FROM = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")


@dataclass(frozen=True, slots=True)
class Resources:
    """MinResource and MaxResource."""

    least: int
    most: int


def resources_of(config: Mapping[str, Any], definition: Definition) -> Resources:
    """Return what the strategy's configuration says, or the static hyperparameters.

    Raises:
        ValidationException: They say no MaxResource, or one that is not allowed.
    """
    given = (config.get("StrategyConfig") or {}).get("HyperbandStrategyConfig") or {}
    least, most = given.get("MinResource", 1), given.get("MaxResource")
    if most is None:
        most = _inferred(definition.request.get("StaticHyperParameters") or {})
    if most is None:
        raise ValidationException(
            "MaxResource must be specified in HyperbandStrategyConfig, or one of "
            f"{', '.join(_INFERRED_FROM)} in StaticHyperParameters."
        )
    if most > MOST_RESOURCE:
        raise ValidationException(f"MaxResource must be less than or equal to {MOST_RESOURCE}.")
    if least > most:
        raise ValidationException("MinResource must be less than or equal to MaxResource.")
    return Resources(least, most)


def _inferred(static: Mapping[str, str]) -> int | None:
    for name in _INFERRED_FROM:
        text = static.get(name, "").strip().strip('"')  # SDKs send numbers as JSON texts
        if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1:
            return int(text)
    return None


def brackets(resources: Resources) -> tuple[tuple[int, ...], ...]:
    """Return the rungs of each bracket; the last bracket has none, its trials run to MaxResource."""
    rungs = []
    resource = resources.least
    while resource < resources.most:
        rungs.append(resource)
        resource *= _FACTOR
    return tuple(tuple(rungs[start:]) for start in range(len(rungs) + 1))


def bracket_of(resources: Resources, number: int) -> int:
    """Return the bracket of a trial, by its number among those of its definition, from 1."""
    return (number - 1) % len(brackets(resources))


def stops(
    resources: Resources,
    objective: Objective,
    bracket: int,
    curve: Sequence[float],
    seen: int,
    others: Sequence[Mapping[int, float]],
) -> int | None:
    """Return after which of its values a trial is to be stopped, or None.

    Args:
        bracket: Its own.
        curve: Its values so far.
        seen: How many of them were judged before.
        others: Of the other trials of the bracket, see `at_rungs`.
    """
    rungs = brackets(resources)[bracket]
    for epoch in range(seen + 1, len(curve) + 1):
        if epoch >= resources.most:
            return epoch
        if epoch in rungs and not _is_promoted(objective, curve[epoch - 1], epoch, others):
            return epoch
    return None


def at_rungs(resources: Resources, bracket: int, curve: Sequence[float]) -> dict[int, float]:
    """Return a trial's values at the rungs that it has come to: all that others are compared with."""
    return {epoch: curve[epoch - 1] for epoch in brackets(resources)[bracket] if len(curve) >= epoch}


def _is_promoted(
    objective: Objective, value: float, epoch: int, others: Sequence[Mapping[int, float]]
) -> bool:
    """Tell whether a value is among the best third at its rung."""
    rivals = [values[epoch] for values in others if epoch in values]
    better = sum(objective.better(rival, value) for rival in rivals)
    return better < max(1, -(-(len(rivals) + 1) // _FACTOR))
