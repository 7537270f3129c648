"""Series: values over time, and arithmetic between them as metric math defines it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sagehen.services.cloudwatch.errors import ValidationError


@dataclass(frozen=True, slots=True)
class Series:
    """One result. `values`: start of the period in seconds since the epoch -> value."""

    id: str
    label: str
    period_s: int
    values: Mapping[int, float]

    def mapped(self, function: Callable[[float], float]) -> Series:
        """Apply a function point by point; points where it has no value (1/0) fall out, as on AWS."""
        values = {}
        for at_s, value in self.values.items():
            try:
                values[at_s] = function(value)
            except (ArithmeticError, ValueError):
                continue
        return Series(self.id, self.label, self.period_s, values)


Value = float | Series | list[Series]


def combine(function: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Apply an operator: number by number, series by number, series by series, or to each of a list.

    Two series meet where both have a point; the result has the longer period of the two.

    Raises:
        ValidationError: Two lists, or what else metric math does not combine.
        ArithmeticError, ValueError: Two numbers have no such value; points of series fall out.
    """
    if isinstance(left, list):
        return [single(combine(function, one, right)) for one in left]
    if isinstance(right, list):
        return [single(combine(function, left, one)) for one in right]
    if isinstance(left, Series) and isinstance(right, Series):
        values = {}
        for at_s in left.values.keys() & right.values.keys():  # no data on a side: no data
            try:
                values[at_s] = function(left.values[at_s], right.values[at_s])
            except (ArithmeticError, ValueError):
                continue
        return Series(left.id, left.label, max(left.period_s, right.period_s), values)
    if isinstance(left, Series):
        number = scalar(right)
        return left.mapped(lambda value: function(value, number))
    number = scalar(left)
    if isinstance(right, Series):
        return right.mapped(lambda value: function(number, value))
    return function(number, scalar(right))


def single(value: Value) -> Series:
    """Return a value that has to be one series.

    Raises:
        ValidationError: It is a number or a list.
    """
    if isinstance(value, Series):
        return value
    raise ValidationError("Error in expression: a single time series was expected.")


def scalar(value: Value) -> float:
    """Return a value that has to be a number.

    Raises:
        ValidationError: It is a series or a list.
    """
    if isinstance(value, int | float):
        return float(value)
    raise ValidationError("Error in expression: a number was expected.")


def invalid(reason: str) -> ValidationError:
    """Return the error of an expression; the wording is from memory."""
    return ValidationError(f"Error in expression: {reason}.")
