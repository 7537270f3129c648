"""Statistics of metrics: GetMetricStatistics and GetMetricData."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import decode_token, encode_token
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.default_labels import default_labels, in_order, units_note
from sagehen.services.cloudwatch.errors import (
    InvalidNextToken,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
    ValidationError,
)
from sagehen.services.cloudwatch.metric_math import Series, evaluate, parse_expression
from sagehen.services.cloudwatch.reader import StoredMetricReader
from sagehen.services.cloudwatch.records import DAY_S, MetricKey, sorted_dimensions
from sagehen.services.cloudwatch.statistic import parse_statistic

_MAX_STATISTICS_POINTS = 1440
_MAX_DATA_POINTS = 100_800
_MAX_QUERIES = 500


class MetricData:
    def __init__(self, reader: StoredMetricReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    # --- GetMetricStatistics ---------------------------------------------------------------

    @operation("GetMetricStatistics")
    async def get_metric_statistics(self, context: RequestContext, request: Request) -> dict[str, Any]:
        names = [*(request.get("Statistics") or []), *(request.get("ExtendedStatistics") or [])]
        if not names:
            raise MissingParameter("Must specify either Statistics or ExtendedStatistics.")
        start, end, period_s = request["StartTime"], request["EndTime"], request["Period"]
        start_s = self._range(start, end, period_s)
        count = (end.timestamp() - start_s) / period_s
        if count > _MAX_STATISTICS_POINTS:
            raise InvalidParameterCombination(
                f"You have requested up to {int(count)} datapoints, which exceeds the limit of"
                f" {_MAX_STATISTICS_POINTS}. You may reduce the datapoints requested by increasing"
                " Period, or decreasing the time range."
            )
        metric = _metric(context.scope, request)
        datapoints = await asyncio.to_thread(
            self._datapoints, metric, request, start_s, int(-(-end.timestamp() // 1))
        )
        return {"Label": request["MetricName"], "Datapoints": datapoints}

    def _datapoints(
        self, metric: MetricKey, request: Request, start_s: int, end_s: int
    ) -> list[dict[str, Any]]:
        plain = {name: parse_statistic(name) for name in request.get("Statistics") or []}
        extended = {name: parse_statistic(name) for name in request.get("ExtendedStatistics") or []}
        wanted = request.get("Unit")
        points = self._reader.points(metric, start_s, end_s)
        found = []
        # One data point for each unit that was published, as on AWS.
        for unit in sorted({point.unit for point in points} if wanted is None else {wanted}):
            periods = self._reader.periods(metric, request["Period"], start_s, end_s, unit)
            for at_s, aggregate in periods.items():
                values = {name: measure(aggregate) for name, measure in plain.items()}
                further = {name: measure(aggregate) for name, measure in extended.items()}
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

    def _range(self, start: datetime, end: datetime, period_s: int) -> int:
        """Check the range and return its start, rounded down as CloudWatch rounds it."""
        if start >= end:
            raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
        if period_s not in (1, 5, 10, 20, 30) and period_s % 60:
            raise InvalidParameterValue("The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.")
        age_s = (self._clock.now() - start).total_seconds()
        step_s = 60 if age_s <= 15 * DAY_S else 300 if age_s <= 63 * DAY_S else 3600
        if period_s < 60:
            step_s = period_s
        start_s = int(start.timestamp() // 1)
        return start_s - start_s % step_s

    # --- GetMetricData ---------------------------------------------------------------------

    @operation("GetMetricData")
    async def get_metric_data(self, context: RequestContext, request: Request) -> dict[str, Any]:
        queries = request["MetricDataQueries"]
        if len(queries) > _MAX_QUERIES:
            raise ValidationError(f"The collection MetricDataQueries must not exceed {_MAX_QUERIES} members.")
        ids = [query["Id"] for query in queries]
        if len(set(ids)) < len(ids):
            raise ValidationError("The values for parameter id in MetricDataQueries are not unique.")
        notes: dict[str, list[dict[str, str]]] = {}
        series = await asyncio.to_thread(self._series, context.scope, request, notes)
        return _page(series, request, notes)

    def _series(self, scope: Scope, request: Request, notes: dict[str, list[dict[str, str]]]) -> list[Series]:
        """Return the series of every query that asks for its data, math included; fill in `notes` on them."""
        start, end = request["StartTime"], request["EndTime"]
        labels = default_labels(request["MetricDataQueries"])
        known: dict[str, Series] = {}
        expressions = {}
        for query in request["MetricDataQueries"]:
            if bool(query.get("MetricStat")) == bool(query.get("Expression")):
                raise ValidationError(
                    f"The query {query['Id']} must have exactly one of MetricStat and Expression."
                )
            if "${" in query.get("Label", ""):
                raise NotImplementedOperation("GetMetricData: dynamic labels are not implemented.")
            if query.get("AccountId") not in (None, scope.account_id):
                raise NotImplementedOperation("GetMetricData: other accounts' metrics are not implemented.")
            if query.get("Expression"):
                expressions[query["Id"]] = parse_expression(query["Expression"])
            else:
                known[query["Id"]], notes[query["Id"]] = self._stored(
                    scope, query, start, end, labels[query["Id"]]
                )
        results = []
        for query in request["MetricDataQueries"]:
            found = evaluate(query["Id"], known, expressions)
            if query.get("ReturnData") is False:
                continue
            for series in found:
                results.append(
                    Series(series.id, query.get("Label") or series.label, series.period_s, series.values)
                )
        return results

    def _stored(
        self, scope: Scope, query: Mapping[str, Any], start: datetime, end: datetime, label: str
    ) -> tuple[Series, list[dict[str, str]]]:
        stat = query["MetricStat"]
        start_s = self._range(start, end, stat["Period"])
        measure = parse_statistic(stat["Stat"])
        metric = _metric(scope, stat["Metric"])
        end_s = int(-(-end.timestamp() // 1))
        unit = stat.get("Unit")
        units: list[str] = []
        if unit is None:
            # AWS shows the data of one unit and says that there are others (recorded).
            units = in_order({point.unit for point in self._reader.points(metric, start_s, end_s)})
            unit = units[0] if units else None
        periods = self._reader.periods(metric, stat["Period"], start_s, end_s, unit)
        values = {at_s: measure(aggregate) for at_s, aggregate in periods.items()}
        series = Series(
            query["Id"],
            query.get("Label") or label,
            stat["Period"],
            {at_s: value for at_s, value in values.items() if value is not None},
        )
        return series, units_note(units)


def _metric(scope: Scope, request: Mapping[str, Any]) -> MetricKey:
    for name in ("Namespace", "MetricName"):
        if not request.get(name):
            raise MissingParameter(f"The parameter {name} is required.")
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in request.get("Dimensions") or []}
    return MetricKey(scope, request["Namespace"], request["MetricName"], sorted_dimensions(dimensions))


def _page(
    series: Sequence[Series], request: Request, notes: Mapping[str, list[dict[str, str]]]
) -> dict[str, Any]:
    """Cut a page of data points; a token counts how many of all results' points were handed out."""
    limit = min(request.get("MaxDatapoints") or _MAX_DATA_POINTS, _MAX_DATA_POINTS)
    token = request.get("NextToken")
    skip = decode_token(token, listing="metric-data", error=InvalidNextToken) if token else 0
    descending = request.get("ScanBy") != "TimestampAscending"
    results = []
    passed = handed = 0
    for one in series:
        times = sorted(one.values, reverse=descending)
        first = max(0, skip - passed)
        shown = times[first : first + limit - handed]
        more = first + len(shown) < len(times)
        passed += len(times)
        handed += len(shown)
        if shown or not token:
            results.append(
                {
                    "Id": one.id,
                    "Label": one.label,
                    "Timestamps": [datetime.fromtimestamp(at_s, UTC) for at_s in shown],
                    "Values": [one.values[at_s] for at_s in shown],
                    "StatusCode": "PartialData" if more else "Complete",
                    "Messages": notes.get(one.id) or None,
                }
            )
    rest = passed > skip + handed
    return {
        "MetricDataResults": results,
        "Messages": [],
        "NextToken": encode_token(skip + handed, listing="metric-data") if rest else None,
    }
