"""Splitting: which records a value, or a threshold, means. Pure.

A column is numbers or categories by the rules of AWS's library smclarify: more than one value names
categories; so does text; numbers with a point are numbers, whole ones where there are many different ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagehen.trainingtoolkit.monitoring.refusals import Refused

# smclarify's: from that share of different values on, whole numbers are no categories.
_UNIQUE = 0.05


def is_continuous(column: Sequence[str], values: Sequence[Any]) -> bool:
    """Tell whether a column is of numbers that a threshold splits."""
    if len(values) > 1:
        return False
    numbers = [_number(value) for value in set(column)]
    if any(number is None for number in numbers):
        return False
    whole = all(number is not None and number.is_integer() for number in numbers)
    return not whole or len(numbers) / len(column) >= _UNIQUE


def chosen(column: Sequence[str], values: Sequence[Any], what: str) -> tuple[list[bool], str]:
    """Return of each record whether values or a threshold mean it, and how that is told.

    Raises:
        Refused: They cannot.
    """
    if is_continuous(column, values):
        threshold = _number(values[0]) if values else None
        if threshold is None:
            raise Refused(f"Threshold values must be provided for {what}, whose values are continuous.")
        numbers = [float(value) for value in column]
        # Documented: the exclusive lower bound.
        return [number > threshold for number in numbers], f"({values[0]}, {max(numbers):g}]"
    meant = {text for text in set(column) if any(_is_same(text, value) for value in values)}
    return [text in meant for text in column], ",".join(str(value) for value in values)


def categories(column: Sequence[str]) -> list[str]:
    """Return the different values of a column."""
    return sorted(set(column))


def _is_same(text: str, value: Any) -> bool:
    if text == str(value):
        return True
    number, other = _number(text), _number(value)
    return number is not None and number == other


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
