"""GetMetricStatistics."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.cloudwatch.errors import InvalidParameterCombination, MissingParameter
from sagehen.services.cloudwatch.metric_data.request import metric_key, start_of_range
from sagehen.services.cloudwatch.metrics.metric import MetricKey
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader
from sagehen.services.cloudwatch.metrics.statistic import needs_histogram, parse_statistic

# Documented: API_GetMetricStatistics.
_MAX_STATISTICS_POINTS = 1440


class MetricStatistics:
    """GetMetricStatistics. It reads in a thread: percentiles have long histograms."""

    def __init__(self, reader: StoredMetricReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    @operation("GetMetricStatistics")
    async def get_metric_statistics(self, context: RequestContext, request: Request) -> dict[str, Any]:
        names = [*(request.get("Statistics") or []), *(request.get("ExtendedStatistics") or [])]
        if not names:
            # From memory.
            raise MissingParameter("Must specify either Statistics or ExtendedStatistics.")
        start, end, period_s = request["StartTime"], request["EndTime"], request["Period"]
        start_s = start_of_range(self._clock, start, end, period_s)
        count = (end.timestamp() - start_s) / period_s
        if count > _MAX_STATISTICS_POINTS:
            # Recorded; some answers of AWS write the numbers with a comma, others without.
            raise InvalidParameterCombination(
                f"You have requested up to {int(count)} datapoints, which exceeds the limit of"
                f" {_MAX_STATISTICS_POINTS}. You may reduce the datapoints requested by increasing"
                " Period, or decreasing the time range."
            )
        metric = metric_key(context.scope, request)
        datapoints = await asyncio.to_thread(
            self._datapoints, metric, request, start_s, math.ceil(end.timestamp())
        )
        return {"Label": request["MetricName"], "Datapoints": datapoints}

    def _datapoints(
        self, metric: MetricKey, request: Request, start_s: int, end_s: int
    ) -> list[dict[str, Any]]:
        plain = {name: parse_statistic(name) for name in request.get("Statistics") or []}
        extended = {name: parse_statistic(name) for name in request.get("ExtendedStatistics") or []}
        wanted = request.get("Unit")
        periods = self._reader.periods(
            metric, request["Period"], start_s, end_s, histograms=any(map(needs_histogram, extended))
        )
        found = []
        for at_s, units in periods:
            # One data point for each unit that was published (documented: API_GetMetricStatistics, Unit).
            for unit in sorted(units) if wanted is None else {wanted} & units.keys():
                values = {name: measure(units[unit]) for name, measure in plain.items()}
                further = {name: measure(units[unit]) for name, measure in extended.items()}
                further = {name: value for name, value in further.items() if value is not None}
                if not plain and not further:
                    continue
                found.append(
                    {
                        "Timestamp": datetime.fromtimestamp(at_s, UTC),
                        **values,
                        "ExtendedStatistics": further or None,
                        "Unit": unit,
                    }
                )
        return found
