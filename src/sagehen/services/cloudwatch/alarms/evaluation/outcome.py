"""What comes of one evaluation: a state, and CloudWatch's words for it. Pure: the time is passed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.alarms.condition import Condition, Datapoint
from sagehen.alarms.decision import decide
from sagehen.services.cloudwatch.alarms.evaluation.reason import reason, reason_data


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What comes of one evaluation. `decided` False: the previous state stays, and its reason with it."""

    state: str
    reason: str
    reason_data: str
    decided: bool


def evaluate(condition: Condition, datapoints: Sequence[Datapoint], now_ms: int, previous: str) -> Evaluation:
    """Return the state that the data makes, and why.

    Args:
        datapoints: One for each period of the condition's evaluation range, oldest first.
        now_ms: The time of the evaluation, in ms since the epoch; it appears in the reason data.
        previous: The state before.
    """
    verdict = decide(condition, datapoints, previous)
    if not verdict.decided:
        return Evaluation(previous, "", "", False)
    return Evaluation(
        verdict.state,
        reason(condition, verdict),
        reason_data(condition, verdict, datapoints, now_ms),
        True,
    )
