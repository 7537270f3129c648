"""Metrics that services record and read. Between them and CloudWatch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One observation. `unit` as CloudWatch spells it (`Count`, `Microseconds`, `Percent`)."""

    name: str
    value: float
    unit: str = "None"
    dimensions: Mapping[str, str] = field(default_factory=dict)


class MetricSink(Protocol):
    """Takes AWS's own metrics; aggregated in memory per second, stored in the background."""

    def record(
        self, scope: Scope, namespace: str, values: Sequence[MetricValue], at: datetime | None = None
    ) -> None:
        """Add observations of one moment (now, unless `at` is given). Returns at once; never raises.

        Args:
            scope: Whose metrics they are.
            namespace: AWS's own, such as `AWS/SageMaker`.
            values: What was observed.
            at: When, if not now; UTC.
        """
        ...


class MetricReader(Protocol):
    """Statistics of a metric, for alarms and autoscaling."""

    def statistics(
        self,
        scope: Scope,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        statistic: str,
        period_s: int,
        start: datetime,
        end: datetime,
    ) -> list[tuple[datetime, float]]:
        """Return (period start, value) pairs in time order; periods without data are absent.

        Args:
            scope: Whose metric it is.
            namespace: With `name` and `dimensions`, the metric; dimensions match exactly, as AWS's do.
            name: See there.
            dimensions: See there.
            statistic: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile (`p99`).
            period_s: Length of a period, in seconds; periods are counted from `start`.
            start: First moment, inclusive.
            end: Last moment, exclusive.

        Raises:
            ServiceError: InvalidParameterValue, where there is no such statistic.
        """
        ...
