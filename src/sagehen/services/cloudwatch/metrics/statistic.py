"""Statistics by name: Sum, p99, TM(10%:90%), ... of an aggregate.

Documented: CloudWatch User Guide, "CloudWatch statistics definitions". Percentile ranks (PR) and bounds by
value are not built.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.cloudwatch.errors import InvalidParameterValue
from sagehen.services.cloudwatch.metrics.aggregate import Aggregate

# None: this stretch has no such statistic (a percentile of statistic sets).
Statistic = Callable[[Aggregate], float | None]

_PLAIN: dict[str, Statistic] = {
    "SampleCount": lambda a: a.count,
    "Sum": lambda a: a.total,
    "Average": lambda a: a.total / a.count if a.count else None,
    "Minimum": lambda a: a.minimum,
    "Maximum": lambda a: a.maximum,
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)", re.ASCII)
_BELOW = re.compile(r"(tm|wm|ts|tc)(\d{1,2}(?:\.\d{1,10})?|100)", re.IGNORECASE | re.ASCII)
_BETWEEN = re.compile(r"(TM|WM|TS|TC)\((\d+(?:\.\d+)?)?%?:(\d+(?:\.\d+)?)?%?\)", re.IGNORECASE | re.ASCII)


def needs_histogram(name: str) -> bool:
    """Tell whether a statistic is one of how the observations are spread: percentiles, trimmed means, ..."""
    return name not in _PLAIN


def parse_statistic(name: str) -> Statistic:
    """Return the function that `name` stands for.

    Raises:
        InvalidParameterValue: CloudWatch has no such statistic.
        NotImplementedOperation: It has, Sagehen has not.
    """
    if name in _PLAIN:
        return _PLAIN[name]
    if found := _PERCENTILE.fullmatch(name):
        share = float(found[1]) / 100
        return lambda aggregate: percentile(aggregate, share)
    if name.upper() == "IQM":
        return _trimmed("tm", 0.25, 0.75)
    if found := _BELOW.fullmatch(name):
        return _trimmed(found[1].lower(), 0.0, float(found[2]) / 100)
    if (found := _BETWEEN.fullmatch(name)) and "%" in name:
        low, high = float(found[2] or 0) / 100, float(found[3] or 100) / 100
        if low < high <= 1:
            return _trimmed(found[1].lower(), low, high)
    if re.fullmatch(r"(TM|WM|TS|TC|PR)\(.*\)", name, re.IGNORECASE):
        raise NotImplementedOperation(f"The statistic {name} is not implemented.")
    raise InvalidParameterValue(f"The value {name} for parameter Stat is not supported.")


def percentile(aggregate: Aggregate, share: float) -> float | None:
    """Return the value below or at which `share` (0 to 1) of the observations lie.

    Example: of the values 1 to 10, p50 is 5 and p90 is 9.
    """
    if aggregate.histogram is None:
        return None
    reached = 0.0
    for bucket, count in sorted(aggregate.histogram.items()):
        reached += count
        # The tolerance keeps 0.1 * 3 observations from asking for a fourth.
        if reached + 1e-9 >= share * aggregate.count:
            return min(max(bucket, aggregate.minimum), aggregate.maximum)
    return aggregate.maximum


def _trimmed(kind: str, low: float, high: float) -> Statistic:
    """Make tm (mean within), wm (mean with the outer ones moved to the bounds), ts (sum), tc (count)."""

    def statistic(aggregate: Aggregate) -> float | None:
        if aggregate.histogram is None:
            return None
        first, last = low * aggregate.count, high * aggregate.count
        count = total = reached = 0.0
        for bucket, here in sorted(aggregate.histogram.items()):
            inside = max(0.0, min(reached + here, last) - max(reached, first))
            count += inside
            total += inside * bucket
            reached += here
        if kind == "tc":
            return count
        if kind == "ts":
            return total
        if kind == "wm":
            below, above = percentile(aggregate, low), percentile(aggregate, high)
            total += (below or 0.0) * first + (above or 0.0) * (aggregate.count - last)
            return total / aggregate.count
        return total / count if count else None

    return statistic
