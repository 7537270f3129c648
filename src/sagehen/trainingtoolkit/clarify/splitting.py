"""Splitting: which records a value, or a threshold, means. Pure.

A column is numbers or categories by the rules of AWS's library smclarify: more than one value names
categories; so does text; numbers with a point are numbers, whole ones where there are many different ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from sagehen.trainingtoolkit.monitoring.refusals import Refused

# smclarify's: from that share of different values on, whole numbers are no categories.
_UNIQUE = 0.05
_TRUTHS = {"false": 0.0, "true": 1.0}
_INTERVAL = re.compile(r"\((\S+), \S+\]")
_WHOLE = re.compile(r"\s*[-+]?\d+\s*", re.ASCII)


def is_continuous(column: Sequence[str], values: Sequence[Any]) -> bool:
    """Tell whether a column is of numbers that a threshold splits."""
    if len(values) > 1:
        return False
    different = set(column)
    if any(_number(text) is None for text in different):
        return False
    return not _are_whole(different) or len(different) / len(column) >= _UNIQUE


def chosen(column: Sequence[str], values: Sequence[Any], what: str) -> tuple[list[bool], str]:
    """Return of each record whether values or a threshold mean it, and how that is told.

    Raises:
        Refused: They cannot.
    """
    if is_continuous(column, values):
        threshold = _number(values[0]) if values else None
        if threshold is None:
            raise Refused(f"Threshold values must be provided for {what}, whose values are continuous.")
        # Documented: the exclusive lower bound.
        return [float(value) > threshold for value in column], _interval(column, values[0], threshold)
    meant = {text for text in set(column) if any(_is_same(text, value) for value in values)}
    return [text in meant for text in column], ",".join(str(value) for value in values)


def _interval(column: Sequence[str], given: Any, threshold: float) -> str:
    """Tell from where to where numbers are meant, as pandas' intervals do, of which smclarify makes it."""
    shown = int if isinstance(given, int) and _are_whole(set(column)) else float
    low, high = sorted((threshold, max(map(float, column))))
    return f"({shown(low)}, {shown(high)}]" if low < high else ""


def threshold_of(interval: str) -> float | None:
    """Return what an interval begins with; None: the text tells none."""
    found = _INTERVAL.fullmatch(interval)
    return None if found is None else _number(found[1])


def categories(column: Sequence[str]) -> list[str]:
    """Return the different values of a column."""
    return sorted(set(column))


def _are_whole(texts: Iterable[str]) -> bool:
    return all(map(_WHOLE.fullmatch, texts))


def _is_same(text: str, value: Any) -> bool:
    if text == str(value):
        return True
    number, other = _number(text), _number(value)
    if number is not None:
        return number == other
    # As where pandas reads the table: True is 1.
    truth = _TRUTHS.get(text.lower())
    return truth is not None and truth == (_TRUTHS.get(str(value).lower()) if other is None else other)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or "_" in str(value):  # Python's own way to write a number, and no table's
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if isfinite(found) else None
