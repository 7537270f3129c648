"""What an alarm's data points say of its state. Pure: the previous state is passed in.

CloudWatch looks at more periods than EvaluationPeriods (the evaluation range), so that data which
is late or sparse does not decide by its absence: only if fewer than EvaluationPeriods data points
are found in the whole range does TreatMissingData speak.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sagehen.alarms.condition import Condition, Datapoint, Verdict


def decide(condition: Condition, datapoints: Sequence[Datapoint], previous: str) -> Verdict:
    """Return the verdict on `datapoints`: one for each period of the evaluation range, oldest first.

    Example: 2 out of 3 with the range `0 - X - X` (X breaching, - missing) is ALARM: three data
    points were found, two of them breaching, and nothing needs to stand in for the gaps.
    """
    newest_first = list(reversed(datapoints))
    found = [point for point in newest_first if point.value is not None]
    considered = tuple(found[: condition.evaluation_periods])
    filled = condition.evaluation_periods - len(considered)
    if condition.ignore_low_sample_counts and any(_is_low(condition, point) for point in considered):
        return Verdict(previous, False, considered, filled)
    state = _state(condition, newest_first, considered, filled)
    return Verdict(state or previous, state is not None, considered, filled)


def _state(
    condition: Condition,
    newest_first: Sequence[Datapoint],
    considered: Sequence[Datapoint],
    filled: int,
) -> str | None:
    """Return the state, or None for the previous one."""
    breaching = sum(1 for point in considered if _breaches(condition, point))
    treatment = condition.treat_missing_data
    if filled and treatment == "breaching":
        breaching += filled
    if breaching >= condition.needed:
        return "ALARM"
    if not filled or treatment in ("breaching", "notBreaching") or breaching < len(considered):
        return "OK"
    # Data is short, and what there is, is all breaching.
    if treatment == "ignore":
        return None
    if not considered:
        return "INSUFFICIENT_DATA"  # documented: only where every data point is missing
    # It alarms only if the oldest of it is old enough that newer good data should have come by now:
    # for 3 of 3, `- - X - -` alarms and `- - - - X` waits.
    age = 1 + newest_first.index(considered[-1])
    return "ALARM" if age >= condition.needed else None


def _breaches(condition: Condition, point: Datapoint) -> bool:
    return point.value is not None and condition.is_breaching(point.value)


def _is_low(condition: Condition, point: Datapoint) -> bool:
    """Tell whether a percentile stands on too few samples: 10 / (1 - p) of them, or 10 / p below p50.

    Documented: User Guide, "Percentile-based alarms and low data samples".
    """
    found = re.fullmatch(r"p(\d+(?:\.\d+)?)", condition.statistic)
    if found is None or point.sample_count is None:
        return False
    share = float(found[1]) / 100
    tail = min(share, 1 - share)
    # 10 / (1 - 0.99) is a little more than 1,000 in doubles; 1,000 samples are enough.
    return tail > 0 and point.sample_count < 10 / tail - 1e-9
