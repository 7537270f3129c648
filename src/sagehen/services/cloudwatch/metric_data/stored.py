"""StoredValues: what a query of a stored metric comes to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.metric_data.labels import in_order
from sagehen.services.cloudwatch.metric_data.request import metric_key, start_of_range
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader
from sagehen.services.cloudwatch.metrics.statistic import needs_histogram, parse_statistic


class StoredValues:
    """Reads the metrics that queries name."""

    def __init__(self, reader: StoredMetricReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    def values(
        self, scope: Scope, query: Mapping[str, Any], start: datetime, end: datetime
    ) -> tuple[dict[int, float], list[str]]:
        """Return a stored metric's values, and the units that it came in where none is asked for.

        Raises:
            ValidationError, InvalidParameterValue, NotImplementedOperation.
        """
        stat = query["MetricStat"]
        measure = parse_statistic(stat["Stat"])
        periods = self._reader.periods(
            metric_key(scope, stat["Metric"]),
            stat["Period"],
            start_of_range(self._clock, start, end, stat["Period"]),
            math.ceil(end.timestamp()),
            histograms=needs_histogram(stat["Stat"]),
        )
        wanted = stat.get("Unit")
        units: list[str] = []
        values: dict[int, float] = {}
        for at_s, by_unit in periods:
            if wanted is None and not by_unit.keys() <= set(units):
                # AWS shows the data of one unit and says that there are others (recorded). One that goes
                # before the others has had no data until here.
                shown = units[:1]
                units = in_order({*units, *by_unit})
                if units[:1] != shown:
                    values = {}
            aggregate = by_unit.get(wanted or units[0])
            value = None if aggregate is None else measure(aggregate)
            if value is not None:
                values[at_s] = value
        return values, units
