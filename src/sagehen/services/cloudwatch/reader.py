"""StoredMetricReader: statistics over memory and store together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.aggregate import Aggregate
from sagehen.services.cloudwatch.records import (
    FINE_LIFE_S,
    MetricKey,
    MetricRecords,
    Point,
    sorted_dimensions,
)
from sagehen.services.cloudwatch.sink import AggregatingMetricSink
from sagehen.services.cloudwatch.statistic import parse_statistic


class StoredMetricReader:
    """Implements `domain.ports.MetricReader`."""

    def __init__(self, records: MetricRecords, sink: AggregatingMetricSink, clock: Clock) -> None:
        self._records = records
        self._sink = sink
        self._clock = clock

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
        """See `MetricReader.statistics`. Periods are counted from `start`.

        Raises:
            InvalidParameterValue: There is no such statistic.
        """
        measure = parse_statistic(statistic)
        metric = MetricKey(scope, namespace, name, sorted_dimensions(dimensions))
        start_s = math.floor(start.timestamp())
        periods = self.periods(metric, period_s, start_s, math.ceil(end.timestamp()))
        found = []
        for at_s, aggregate in periods.items():
            value = measure(aggregate)
            if value is not None:
                found.append((datetime.fromtimestamp(at_s, UTC), value))
        return found

    def periods(
        self, metric: MetricKey, period_s: int, start_s: int, end_s: int, unit: str | None = None
    ) -> dict[int, Aggregate]:
        """Return period start -> aggregate, in time order; all units together where none is asked for."""
        rolled_up_s = self._clock.now().timestamp() - FINE_LIFE_S
        periods: dict[int, Aggregate] = {}
        for point in self.points(metric, start_s, end_s):
            # As on AWS, what has been rolled up is not shown in finer periods; what was put by the minute is,
            # in that which begins with its minute (recorded).
            if point.resolution_s > (period_s if point.at_s < rolled_up_s else max(period_s, 60)):
                continue
            if unit is not None and point.unit != unit:
                continue
            at_s = start_s + (point.at_s - start_s) // period_s * period_s
            periods.setdefault(at_s, Aggregate()).merge(point.aggregate)
        return dict(sorted(periods.items()))

    def points(self, metric: MetricKey, start_s: int, end_s: int) -> list[Point]:
        """Return every point with a time in [start_s, end_s), those not yet stored included."""
        # Memory first, store second: see sink.py.
        generations = self._sink.generations(metric)
        committed, points = self._records.points(metric, start_s, end_s)
        for generation in generations:
            if generation.number <= committed:
                continue
            points += [
                Point(key.at_s, key.resolution_s, key.unit, aggregate)
                for key, aggregate in generation.points.items()
                if start_s <= key.at_s < end_s
            ]
        return points
