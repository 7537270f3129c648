"""Statistics of metrics: GetMetricStatistics and GetMetricData."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import encode_token, sought
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.errors import (
    InvalidNextToken,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
    ValidationError,
)
from sagehen.services.cloudwatch.metric_data.labels import default_labels, in_order, units_note
from sagehen.services.cloudwatch.metric_math.evaluation import Evaluation
from sagehen.services.cloudwatch.metric_math.parser import parse_expression
from sagehen.services.cloudwatch.metric_math.series import Series
from sagehen.services.cloudwatch.metrics.lives import step_s
from sagehen.services.cloudwatch.metrics.metric import MetricKey, sorted_dimensions
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader
from sagehen.services.cloudwatch.metrics.statistic import needs_histogram, parse_statistic

# Documented: API_GetMetricStatistics (points), API_GetMetricData (points, queries).
_MAX_STATISTICS_POINTS = 1440
_MAX_DATA_POINTS = 100_800
_MAX_QUERIES = 500
_LISTING = "metric-data"
_Read = Callable[[Scope, Mapping[str, Any], datetime, datetime], tuple[dict[int, float], list[str]]]


class MetricData:
    """GetMetricStatistics and GetMetricData.

    Both read in a thread: a request may be of 100,800 data points.
    """

    def __init__(self, reader: StoredMetricReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    # --- GetMetricStatistics ---------------------------------------------------------------

    @operation("GetMetricStatistics")
    async def get_metric_statistics(self, context: RequestContext, request: Request) -> dict[str, Any]:
        names = [*(request.get("Statistics") or []), *(request.get("ExtendedStatistics") or [])]
        if not names:
            # From memory.
            raise MissingParameter("Must specify either Statistics or ExtendedStatistics.")
        start, end, period_s = request["StartTime"], request["EndTime"], request["Period"]
        start_s = self._range(start, end, period_s)
        count = (end.timestamp() - start_s) / period_s
        if count > _MAX_STATISTICS_POINTS:
            # Recorded; some answers of AWS write the numbers with a comma, others without.
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

    def _range(self, start: datetime, end: datetime, period_s: int) -> int:
        """Check the range and return its start, rounded down as CloudWatch rounds it."""
        if start >= end:  # the wording is from memory
            raise ValidationError("The parameter StartTime must be less than the parameter EndTime.")
        # Documented: API_GetMetricStatistics, Period; the wording is from memory.
        if period_s not in (1, 5, 10, 20, 30) and period_s % 60:
            raise InvalidParameterValue("The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.")
        age_s = (self._clock.now() - start).total_seconds()
        start_s = int(start.timestamp() // 1)
        return start_s - start_s % step_s(age_s, period_s)

    # --- GetMetricData ---------------------------------------------------------------------

    @operation("GetMetricData")
    async def get_metric_data(self, context: RequestContext, request: Request) -> dict[str, Any]:
        queries = request["MetricDataQueries"]
        if len(queries) > _MAX_QUERIES:
            raise ValidationError(f"The collection MetricDataQueries must not exceed {_MAX_QUERIES} members.")
        ids = [query["Id"] for query in queries]
        if len(set(ids)) < len(ids):  # documented: API_MetricDataQuery, Id; the wording is from memory
            raise ValidationError("The values for parameter id in MetricDataQueries are not unique.")
        return await asyncio.to_thread(self._page, context.scope, request)

    def _page(self, scope: Scope, request: Request) -> dict[str, Any]:
        """Make a page of data points, query by query, as far as the limit lets.

        A token says behind which point of which query's which result it goes on.

        Raises:
            ValidationError, InvalidNextToken, InvalidParameterValue, NotImplementedOperation.
        """
        left = min(request.get("MaxDatapoints") or _MAX_DATA_POINTS, _MAX_DATA_POINTS)
        place = sought(request.get("NextToken"), (int, int, int), listing=_LISTING, error=InvalidNextToken)
        first_query, first_result, skip = place or (0, 0, 0)
        # Documented: newest first where it is not said.
        descending = request.get("ScanBy") != "TimestampAscending"
        for query in request["MetricDataQueries"]:
            _check(query, scope)
            if stat := query.get("MetricStat"):
                _metric(scope, stat["Metric"])
                self._range(request["StartTime"], request["EndTime"], stat["Period"])
        queries = _Queries(self._stored, scope, request)
        results: list[dict[str, Any]] = []
        for number, query in list(enumerate(request["MetricDataQueries"]))[max(0, first_query) :]:
            if query.get("ReturnData") is False:  # it is there for expressions alone
                continue
            if left <= 0:
                return _answer(results, (number, 0, 0))
            for index, (series, notes) in enumerate(queries.results(query)):
                if (number, index) < (first_query, first_result):
                    continue
                if left <= 0:
                    return _answer(results, (number, index, 0))
                begin = skip if (number, index) == (first_query, first_result) else 0
                times = sorted(series.values, reverse=descending)
                shown = times[max(0, begin) :][:left]
                left -= len(shown)
                more = max(0, begin) + len(shown) < len(times)
                results.append(_result(series, query, shown, notes, whole=not more))
                if more:
                    return _answer(results, (number, index, begin + len(shown)))
        return _answer(results, None)

    def _stored(
        self, scope: Scope, query: Mapping[str, Any], start: datetime, end: datetime
    ) -> tuple[dict[int, float], list[str]]:
        """Return a stored metric's values, and the units that it came in where none is asked for."""
        stat = query["MetricStat"]
        measure = parse_statistic(stat["Stat"])
        periods = self._reader.periods(
            _metric(scope, stat["Metric"]),
            stat["Period"],
            self._range(start, end, stat["Period"]),
            int(-(-end.timestamp() // 1)),
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


class _Queries:
    """The queries of one GetMetricData. Metrics that no expression names are read when their turn comes."""

    def __init__(self, read: _Read, scope: Scope, request: Request) -> None:
        self._read = read
        self._metrics_scope = scope
        self._range = request["StartTime"], request["EndTime"]
        self._labels = default_labels(request["MetricDataQueries"])
        stored: dict[str, Mapping[str, Any]] = {}
        expressions = {}
        for query in request["MetricDataQueries"]:
            if query.get("Expression"):
                expressions[query["Id"]] = parse_expression(query["Expression"])
            else:
                parse_statistic(query["MetricStat"]["Stat"])
                stored[query["Id"]] = query
        self._math = Evaluation(stored.keys(), lambda name: self._series(stored[name])[0], expressions)

    def results(self, query: Mapping[str, Any]) -> Iterator[tuple[Series, list[dict[str, str]]]]:
        """Yield what a query comes to: one series, or several, with AWS's notes on it."""
        if query.get("Expression"):
            for series in self._math.results(query["Id"]):
                yield series, []
        else:
            yield self._series(query)

    def _series(self, query: Mapping[str, Any]) -> tuple[Series, list[dict[str, str]]]:
        values, units = self._read(self._metrics_scope, query, *self._range)
        label = query.get("Label") or self._labels[query["Id"]]
        return Series(query["Id"], label, query["MetricStat"]["Period"], values), units_note(units)


def _check(query: Mapping[str, Any], scope: Scope) -> None:
    if bool(query.get("MetricStat")) == bool(query.get("Expression")):
        raise ValidationError(f"The query {query['Id']} must have exactly one of MetricStat and Expression.")
    if "${" in query.get("Label", ""):
        raise NotImplementedOperation("GetMetricData: dynamic labels are not implemented.")
    if query.get("AccountId") not in (None, scope.account_id):
        raise NotImplementedOperation("GetMetricData: other accounts' metrics are not implemented.")


def _metric(scope: Scope, request: Mapping[str, Any]) -> MetricKey:
    for name in ("Namespace", "MetricName"):
        if not request.get(name):
            raise MissingParameter(f"The parameter {name} is required.")
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in request.get("Dimensions") or []}
    return MetricKey(scope, request["Namespace"], request["MetricName"], sorted_dimensions(dimensions))


def _result(
    series: Series,
    query: Mapping[str, Any],
    shown: Sequence[int],
    notes: list[dict[str, str]],
    *,
    whole: bool,
) -> dict[str, Any]:
    return {
        "Id": series.id,
        "Label": query.get("Label") or series.label,
        "Timestamps": [datetime.fromtimestamp(at_s, UTC) for at_s in shown],
        "Values": [series.values[at_s] for at_s in shown],
        # Documented: API_MetricDataResult: there is more behind NextToken.
        "StatusCode": "Complete" if whole else "PartialData",
        "Messages": notes or None,
    }


def _answer(results: list[dict[str, Any]], place: tuple[int, int, int] | None) -> dict[str, Any]:
    return {
        "MetricDataResults": results,
        "Messages": [],  # recorded: there is always such a list
        "NextToken": None if place is None else encode_token(place, listing=_LISTING),
    }
