"""The functions of metric math.

Documented: CloudWatch User Guide, "Using math expressions with CloudWatch metrics", Metric math functions.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sagehen.services.cloudwatch.errors import ValidationError
from sagehen.services.cloudwatch.metric_math.series import Series, Value, scalar, single


@dataclass(frozen=True, slots=True)
class Call:
    """One call: evaluated arguments, texts (`METRICS("a")`, `FILL(m1, REPEAT)`), and the stored metrics.

    `spend` counts points that a function makes, before it makes them; see `Evaluation.spend`.
    """

    name: str
    arguments: Sequence[Value]
    texts: Sequence[str]
    known: Mapping[str, Series]
    spend: Callable[[int], None]

    def argument(self, index: int) -> Value:
        """Return an argument, counted from 0.

        Raises:
            ValidationError: There are not so many.
        """
        if index >= len(self.arguments):
            raise ValidationError(f"Error in expression: {self.name} has too few arguments.")
        return self.arguments[index]


def _reduce(function: Callable[[list[float]], float]) -> Callable[[Call], Value]:
    """`SUM(m1)` is a number; `SUM([m1, m2])` and `SUM(METRICS())` are series."""

    def call(call: Call) -> Value:
        value = call.argument(0)
        if isinstance(value, Series):
            return function(list(value.values.values())) if value.values else 0.0
        if not isinstance(value, list):
            raise ValidationError(f"Error in expression: {call.name} takes time series.")
        columns: dict[int, list[float]] = {}
        for series in value:
            for at_s, point in series.values.items():
                columns.setdefault(at_s, []).append(point)
        period_s = max((series.period_s for series in value), default=60)
        return Series("", call.name, period_s, {at_s: function(column) for at_s, column in columns.items()})

    return call


def _pointwise(function: Callable[[float], float]) -> Callable[[Call], Value]:
    def call(call: Call) -> Value:
        value = call.argument(0)
        if isinstance(value, list):
            return [series.mapped(function) for series in value]
        return value.mapped(function) if isinstance(value, Series) else function(scalar(value))

    return call


def _differences(per_second: bool) -> Callable[[Call], Value]:
    """DIFF: each point less the one before; RATE: that by the seconds between them."""

    def call(call: Call) -> Value:
        series = single(call.argument(0))
        points = sorted(series.values.items())
        values = {
            later_s: (later - earlier) / (later_s - earlier_s if per_second else 1)
            for (earlier_s, earlier), (later_s, later) in itertools.pairwise(points)
        }
        return Series(series.id, series.label, series.period_s, values)

    return call


def _running_sum(call: Call) -> Value:
    series = single(call.argument(0))
    times = sorted(series.values)
    sums = itertools.accumulate(series.values[at_s] for at_s in times)
    return Series(series.id, series.label, series.period_s, dict(zip(times, sums, strict=True)))


def _metrics(call: Call) -> Value:
    wanted = call.texts[0] if call.texts else ""
    return [series for query_id, series in call.known.items() if wanted in query_id]


def _period(call: Call) -> Value:
    return float(single(call.argument(0)).period_s)


def _fill(call: Call) -> Value:
    """Give gaps between the series' first and last point a value: nothing is added before or behind them."""
    value = call.argument(0)
    if isinstance(value, list):
        return [_filled(series, call) for series in value]
    return _filled(single(value), call)


def _filled(series: Series, call: Call) -> Series:
    points = sorted(series.values.items())
    values = dict(points)
    for (earlier_s, earlier), (later_s, later) in itertools.pairwise(points):
        gap = range(earlier_s + series.period_s, later_s, series.period_s)
        call.spend(len(gap))
        for at_s in gap:
            if call.texts == ["REPEAT"]:
                values[at_s] = earlier
            elif call.texts == ["LINEAR"]:
                values[at_s] = earlier + (later - earlier) * (at_s - earlier_s) / (later_s - earlier_s)
            else:
                filler = call.argument(1)
                number = filler.values.get(at_s) if isinstance(filler, Series) else scalar(filler)
                if number is not None:
                    values[at_s] = number
    return Series(series.id, series.label, series.period_s, values)


def _if(call: Call) -> Value:
    """`IF(condition, then[, else])`, point by point; without an else the point is left out."""
    condition = call.argument(0)
    branches = call.arguments[1:3]
    if not isinstance(condition, Series):
        chosen = 0 if scalar(condition) else 1
        return branches[chosen] if chosen < len(branches) else Series("", "IF", 60, {})
    values = {}
    for at_s, truth in condition.values.items():
        chosen = 0 if truth else 1
        if chosen < len(branches):
            branch = branches[chosen]
            value = branch.values.get(at_s) if isinstance(branch, Series) else scalar(branch)
            if value is not None:
                values[at_s] = value
    return Series(condition.id, condition.label, condition.period_s, values)


FUNCTIONS: dict[str, Callable[[Call], Value]] = {
    "SUM": _reduce(math.fsum),
    "AVG": _reduce(statistics.fmean),
    "MIN": _reduce(min),
    "MAX": _reduce(max),
    "STDDEV": _reduce(statistics.pstdev),
    "ABS": _pointwise(abs),
    "CEIL": _pointwise(math.ceil),
    "FLOOR": _pointwise(math.floor),
    "LOG": _pointwise(math.log),
    "LOG10": _pointwise(math.log10),
    "DIFF": _differences(per_second=False),
    "RATE": _differences(per_second=True),
    "RUNNING_SUM": _running_sum,
    "METRICS": _metrics,
    "PERIOD": _period,
    "FILL": _fill,
    "IF": _if,
}
