"""The queries of one GetMetricData, and what each comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sagehen.api.operation import Request
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.metric_data.labels import default_labels, units_note
from sagehen.services.cloudwatch.metric_math.evaluation import Evaluation
from sagehen.services.cloudwatch.metric_math.parser import parse_expression
from sagehen.services.cloudwatch.metric_math.series import Series
from sagehen.services.cloudwatch.metrics.statistic import parse_statistic

# Reads a stored metric's values, and the units that it came in.
_Read = Callable[[Scope, Mapping[str, Any], datetime, datetime], tuple[dict[int, float], list[str]]]


class Queries:
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
