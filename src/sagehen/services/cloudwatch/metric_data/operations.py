"""GetMetricData."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import encode_token, sought
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.errors import InvalidNextToken, ValidationError
from sagehen.services.cloudwatch.metric_data.queries import Queries
from sagehen.services.cloudwatch.metric_data.request import metric_key, start_of_range
from sagehen.services.cloudwatch.metric_data.stored import StoredValues
from sagehen.services.cloudwatch.metric_math.series import Series
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader

# Documented: API_GetMetricData.
_MAX_DATA_POINTS = 100_800
_MAX_QUERIES = 500
_LISTING = "metric-data"


class MetricData:
    """GetMetricData. It reads in a thread: a request may be of 100,800 data points."""

    def __init__(self, reader: StoredMetricReader, clock: Clock) -> None:
        self._stored = StoredValues(reader, clock)
        self._clock = clock

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
                metric_key(scope, stat["Metric"])
                start_of_range(self._clock, request["StartTime"], request["EndTime"], stat["Period"])
        queries = Queries(self._stored.values, scope, request)
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


def _check(query: Mapping[str, Any], scope: Scope) -> None:
    if bool(query.get("MetricStat")) == bool(query.get("Expression")):
        raise ValidationError(f"The query {query['Id']} must have exactly one of MetricStat and Expression.")
    if "${" in query.get("Label", ""):
        raise NotImplementedOperation("GetMetricData: dynamic labels are not implemented.")
    if query.get("AccountId") not in (None, scope.account_id):
        raise NotImplementedOperation("GetMetricData: other accounts' metrics are not implemented.")


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
