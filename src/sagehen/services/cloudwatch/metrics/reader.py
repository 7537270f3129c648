"""StoredMetricReader: statistics over memory and store together."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from operator import attrgetter

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.metrics.aggregate import Aggregate, merged
from sagehen.services.cloudwatch.metrics.lives import FINE_LIFE_S
from sagehen.services.cloudwatch.metrics.metric import MetricKey, Point, sorted_dimensions
from sagehen.services.cloudwatch.metrics.records import MetricRecords
from sagehen.services.cloudwatch.metrics.sink import AggregatingMetricSink
from sagehen.services.cloudwatch.metrics.statistic import needs_histogram, parse_statistic


class StoredMetricReader:
    """Implements the port `MetricReader`."""

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
        periods = self.periods(
            metric,
            period_s,
            math.floor(start.timestamp()),
            math.ceil(end.timestamp()),
            histograms=needs_histogram(statistic),
        )
        found = []
        for at_s, units in periods:
            value = measure(merged(units.values()))
            if value is not None:
                found.append((datetime.fromtimestamp(at_s, UTC), value))
        return found

    def periods(
        self, metric: MetricKey, period_s: int, start_s: int, end_s: int, *, histograms: bool = True
    ) -> Iterator[tuple[int, dict[str, Aggregate]]]:
        """Yield (start of the period, unit -> aggregate) in order of time, periods with data alone.

        One period is in memory at a time: histograms may be long. To be gone through in one thread.
        """
        rolled_up_s = self._clock.now().timestamp() - FINE_LIFE_S
        begun_s = start_s
        units: dict[str, Aggregate] = {}
        for point in self._points(metric, start_s, end_s, histograms=histograms):
            # As on AWS, what has been rolled up is not shown in finer periods; what was put by the minute is,
            # in that which begins with its minute (recorded).
            if point.resolution_s > (period_s if point.at_s < rolled_up_s else max(period_s, 60)):
                continue
            at_s = start_s + (point.at_s - start_s) // period_s * period_s
            if at_s != begun_s and units:
                yield begun_s, units
                units = {}
            begun_s = at_s
            units.setdefault(point.unit, Aggregate()).merge(point.aggregate)
        if units:
            yield begun_s, units

    def _points(self, metric: MetricKey, start_s: int, end_s: int, *, histograms: bool) -> Iterator[Point]:
        """Yield the points with a time in [start_s, end_s) in order of it, those not yet stored included."""
        # Memory first, store second: see sink.py.
        generations = self._sink.generations(metric)
        committed, stored = self._records.points(metric, start_s, end_s, histograms=histograms)
        recorded = [
            Point(key.at_s, key.resolution_s, key.unit, aggregate)
            for generation in generations
            if generation.number > committed
            for key, aggregate in generation.points.items()
            if start_s <= key.at_s < end_s
        ]
        by_time = attrgetter("at_s")
        return heapq.merge(stored, sorted(recorded, key=by_time), key=by_time)
