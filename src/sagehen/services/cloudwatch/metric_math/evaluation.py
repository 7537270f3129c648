"""Evaluation: what the expressions of one request or alarm come to."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sagehen.services.cloudwatch.errors import ValidationError
from sagehen.services.cloudwatch.metric_math.series import Series, Value, invalid

# What the expressions of one request may go through in all: some seconds of a thread. Enough for the sum of
# 500 metrics over a day by the minute.
_MOST_POINTS = 2_000_000


class Evaluation:
    """What the names of one request or alarm mean. Each metric is read once, each expression evaluated once.

    Args:
        metrics: Ids of the stored metrics.
        read: Returns one of them; asked when an expression first names it.
        expressions: By id.
    """

    def __init__(
        self, metrics: Collection[str], read: Callable[[str], Series], expressions: Mapping[str, Expression]
    ) -> None:
        self.known: Mapping[str, Series] = _Metrics(metrics, read, self.spend)
        self._expressions = expressions
        self._values: dict[str, Value] = {}
        self._open: set[str] = set()
        self._points_left = _MOST_POINTS

    def spend(self, points: int) -> None:
        """Count data points that are read, or that an operator or a function goes through.

        Raises:
            ValidationError: There are too many of them.
        """
        self._points_left -= points
        if self._points_left < 0:
            raise invalid(f"more than {_MOST_POINTS} data points are needed for it")

    def counted(self, value: Value) -> Value:
        """Count a value's points."""
        self.spend(sum(len(one.values) for one in value) if isinstance(value, list) else _points(value))
        return value

    def results(self, query_id: str) -> list[Series]:
        """Return the series that a query yields: one, or several for METRICS() and the like.

        Raises:
            ValidationError: It has no value.
        """
        if query_id in self.known:
            return [self.known[query_id]]
        try:
            value = self.value(query_id)
        except (ArithmeticError, ValueError) as error:  # of numbers: points of series fall out
            raise invalid(str(error)) from error
        except RecursionError:
            raise invalid("it is nested too deeply") from None
        if isinstance(value, list):
            return [Series(query_id, one.label, one.period_s, _finite(one)) for one in value]
        if isinstance(value, Series):
            return [Series(query_id, query_id, value.period_s, _finite(value))]
        raise ValidationError(f"The expression {query_id} must return a time series, not a number.")

    def value(self, name: str) -> Value:
        """Return what an id stands for: a metric, or the value of an expression, evaluated once.

        Raises:
            ValidationError: There is nothing of that name, or it depends on itself.
        """
        if name in self.known:
            return self.known[name]
        if name not in self._values:
            if name not in self._expressions:
                raise invalid(f"unknown identifier {name}")
            if name in self._open:
                raise invalid(f"{name} depends on itself")
            self._open.add(name)
            self._values[name] = self._expressions[name].evaluate(self)
            self._open.discard(name)
        return self._values[name]


class _Metrics(Mapping[str, Series]):
    """Stored metrics by id, each read and counted when it is first named."""

    def __init__(
        self, names: Collection[str], read: Callable[[str], Series], spend: Callable[[int], None]
    ) -> None:
        self._names = names
        self._read = read
        self._spend = spend
        self._held: dict[str, Series] = {}

    def __getitem__(self, name: str) -> Series:
        if name not in self._held:
            if name not in self._names:
                raise KeyError(name)
            series = self._read(name)
            self._spend(len(series.values))
            self._held[name] = series
        return self._held[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _finite(series: Series) -> dict[int, float]:
    """Leave out what no answer can carry."""
    return {at_s: value for at_s, value in series.values.items() if math.isfinite(value)}


def _points(value: Value) -> int:
    return len(value.values) if isinstance(value, Series) else 1


# A parsed expression, or a part of one.
Tree = Callable[[Evaluation], Value]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression; `text` as it was given."""

    text: str
    evaluate: Tree
