"""LoggedMetricRecorder: what log events say of metrics, stored once."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sagehen.domain.ports.observing.logged_metrics import LoggedDatum
from sagehen.services.cloudwatch.metrics.aggregate import MOST, Aggregate
from sagehen.services.cloudwatch.metrics.metric import MetricKey, PointKey, sorted_dimensions
from sagehen.services.cloudwatch.metrics.records import MetricRecords


class LoggedMetricRecorder:
    """Implements the port `LoggedMetrics`."""

    def __init__(self, records: MetricRecords) -> None:
        self._records = records

    def taken(self) -> int:
        """See `LoggedMetrics.taken`."""
        return self._records.logged_upto()

    async def take(self, data: Sequence[LoggedDatum], upto: int) -> None:
        """See `LoggedMetrics.take`; values that CloudWatch does not take are left out."""
        points: dict[PointKey, Aggregate] = {}
        for datum in data:
            at_s = math.floor(datum.at_s)
            key = PointKey(
                MetricKey(datum.scope, datum.namespace, datum.name, sorted_dimensions(datum.dimensions)),
                datum.resolution_s,
                at_s - at_s % datum.resolution_s,
                datum.unit,
            )
            values = [value for value in datum.values if -MOST <= value <= MOST]
            if values:
                aggregate = points.setdefault(key, Aggregate())
                for value in values:
                    aggregate.add(value)
        await self._records.add_logged(points, upto)
