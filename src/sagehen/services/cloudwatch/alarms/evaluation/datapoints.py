"""AlarmData: the data points that alarms are held against."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.alarms.condition import Condition, Datapoint, condition_of
from sagehen.api.errors import ServiceError
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.alarm import Alarm
from sagehen.services.cloudwatch.alarms.evaluation.outcome import Evaluation, evaluate
from sagehen.services.cloudwatch.metric_math.evaluation import Evaluation as MathEvaluation
from sagehen.services.cloudwatch.metric_math.parser import parse_expression
from sagehen.services.cloudwatch.metric_math.series import Series
from sagehen.services.cloudwatch.metrics.aggregate import merged
from sagehen.services.cloudwatch.metrics.metric import MetricKey, sorted_dimensions
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader
from sagehen.services.cloudwatch.metrics.statistic import needs_histogram, parse_statistic

_log = logging.getLogger(__name__)

_Window = tuple[MetricKey, str, int, int, int, str | None]


@dataclass(slots=True)
class _Observed:
    """A statistic by period, and how many observations each is of; periods without a value have no value."""

    values: dict[int, float] = field(default_factory=dict)
    counts: dict[int, float] = field(default_factory=dict)


class AlarmData:
    """Reads metrics for one batch of evaluations; alarms on the same statistic and periods share a read."""

    def __init__(self, reader: StoredMetricReader) -> None:
        self._reader = reader
        self._read: dict[_Window, _Observed] = {}

    def evaluate(self, alarm: Alarm, end_s: int, now_ms: int) -> Evaluation:
        """Evaluate a metric alarm on the periods that end at `end_s`, in seconds since the epoch."""
        condition = condition_of(alarm.configuration)
        return evaluate(condition, self.datapoints(alarm, condition, end_s), now_ms, alarm.state.value)

    def datapoints(self, alarm: Alarm, condition: Condition, end_s: int) -> list[Datapoint]:
        """Return one data point for each period of the evaluation range, oldest first."""
        start_s = end_s - condition.period_s * condition.evaluation_range
        settings = alarm.configuration
        if settings.get("Metrics"):
            values, counts = self._math(alarm, start_s, end_s), {}
        else:
            unit = settings.get("Unit")
            found = self._observed(
                alarm.scope, settings, condition.statistic, condition.period_s, start_s, end_s, unit
            )
            values, counts = found.values, found.counts
        return [
            Datapoint(at_s, values.get(at_s), counts.get(at_s))
            for at_s in range(start_s, end_s, condition.period_s)
        ]

    def _observed(
        self,
        scope: Scope,
        metric: Mapping[str, Any],
        statistic: str,
        period_s: int,
        start_s: int,
        end_s: int,
        unit: str | None,
    ) -> _Observed:
        dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions") or ()}
        key = MetricKey(scope, metric["Namespace"], metric["MetricName"], sorted_dimensions(dimensions))
        window = (key, statistic, period_s, start_s, end_s, unit)
        if window not in self._read:
            observed = self._read[window] = _Observed()
            measure = parse_statistic(statistic)
            periods = self._reader.periods(
                key, period_s, start_s, end_s, histograms=needs_histogram(statistic)
            )
            for at_s, units in periods:
                chosen = units.values() if unit is None else [units[unit]] if unit in units else []
                if not chosen:
                    continue
                aggregate = merged(chosen)
                observed.counts[at_s] = aggregate.count
                value = measure(aggregate)
                if value is not None:
                    observed.values[at_s] = value
        return self._read[window]

    def _math(self, alarm: Alarm, start_s: int, end_s: int) -> Mapping[int, float]:
        """Return the values of the query that returns data; none where the expression has none."""
        queries: Sequence[Mapping[str, Any]] = alarm.configuration["Metrics"]
        known = {
            query["Id"]: self._series(alarm.scope, query, start_s, end_s)
            for query in queries
            if query.get("MetricStat")
        }
        expressions = {
            query["Id"]: parse_expression(query["Expression"]) for query in queries if query.get("Expression")
        }
        wanted = next(query["Id"] for query in queries if query.get("ReturnData") is not False)
        try:
            results = MathEvaluation(known.keys(), known.__getitem__, expressions).results(wanted)
        except ServiceError as error:
            _log.warning("the expression of alarm %s has no value: %s", alarm.arn, error.message)
            return {}
        return results[0].values if len(results) == 1 else {}

    def _series(self, scope: Scope, query: Mapping[str, Any], start_s: int, end_s: int) -> Series:
        stat = query["MetricStat"]
        found = self._observed(
            scope, stat["Metric"], stat["Stat"], stat["Period"], start_s, end_s, stat.get("Unit")
        )
        return Series(query["Id"], query.get("Label") or query["Id"], stat["Period"], found.values)
