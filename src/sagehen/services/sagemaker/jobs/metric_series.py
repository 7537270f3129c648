"""MetricSeries: what the values of a metric have come to, without the values. Pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Self

from sagehen.services.sagemaker.resources.rows import moment


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """The statistics of a series.

    Args:
        at: Of the last value, in seconds since the epoch.
        spread: The sum of squared distances from the mean (Welford).
    """

    count: int
    least: float
    most: float
    last: float
    at: float
    mean: float
    spread: float

    @classmethod
    def of(cls, value: float, at: float) -> Self:
        """Return a series of one value."""
        return cls(1, value, value, value, at, value, 0.0)

    @classmethod
    def read(cls, stored: Sequence[Any]) -> Self:
        """Return what `stored` made a list of."""
        return cls(*stored)

    @property
    def stored(self) -> tuple[Any, ...]:
        """As JSON can hold it."""
        return astuple(self)

    def and_then(self, value: float, at: float) -> MetricSeries:
        """Return the series with one value more."""
        count = self.count + 1
        mean = self.mean + value / count - self.mean / count
        spread = _finite(self.spread + (value - self.mean) * (value - mean))
        return MetricSeries(
            count, min(self.least, value), max(self.most, value), value, at, _finite(mean), spread
        )

    def summary(self, name: str, arn: str) -> dict[str, Any]:
        """Return it as a TrialComponentMetricSummary."""
        return {
            "MetricName": name,
            "SourceArn": arn,
            "TimeStamp": moment(self.at),
            "Max": self.most,
            "Min": self.least,
            "Last": self.last,
            "Count": self.count,
            "Avg": self.mean,
            "StdDev": math.sqrt(max(0.0, self.spread) / self.count),
        }


def prolonged(
    series: Mapping[str, MetricSeries], found: Mapping[str, float], at: float
) -> dict[str, MetricSeries]:
    """Return series by name with what was found, as far as it is finite."""
    more = {
        name: series[name].and_then(value, at) if name in series else MetricSeries.of(value, at)
        for name, value in found.items()
        if math.isfinite(value)
    }
    return {**series, **more}


def _finite(number: float) -> float:
    """Return a number within a float's range: squares of large ones are not."""
    most = sys.float_info.max
    return 0.0 if math.isnan(number) else min(max(number, -most), most)
