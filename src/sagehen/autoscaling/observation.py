"""What a policy reads of its alarm's newest data points."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def tracked_value(points: Sequence[float], *, is_low: bool) -> float:
    """Return the metric as a target tracking policy reads it.

    The newest data point to scale out, and the greatest to scale in, which removes too little rather than too
    much. AWS says nothing of it.

    Args:
        points: Of the alarm's evaluation, oldest first; at least one.
        is_low: It is the low alarm.
    """
    return max(points) if is_low else points[-1]


def stepped_value(points: Sequence[float], aggregation: str) -> float:
    """Return the metric as a step policy reads it: the data points, aggregated.

    Args:
        points: As for `tracked_value`.
        aggregation: MetricAggregationType; another word than Minimum and Maximum is Average, the default.
    """
    match aggregation:
        case "Minimum":
            return min(points)
        case "Maximum":
            return max(points)
        case _:
            return statistics.fmean(points)
