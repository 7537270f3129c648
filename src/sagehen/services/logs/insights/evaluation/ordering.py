"""How values compare: with one another in conditions, and in the order of `sort`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from sagehen.services.logs.insights.evaluation.values import Value, number, text

_CHUNKS = re.compile(r"[0-9]+|[^0-9]+")
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Longer texts are alike: a key is as long as its text.
_COMPARED_CHARACTERS = 1024
SortKey = tuple[int, Any]
# What a key is of: first comes where there is none, last numbers.
_NOTHING, TEXT, _NUMBER = 0, 1, 2


def equal(left: Value, right: Value) -> bool:
    """Tell whether two values are the same: texts by their characters, anything else by its number."""
    if left is None or right is None:
        return False
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return first == second
    return _said(left) == _said(right)


def _said(value: Value) -> str | None:
    """`x = true` and `x = "true"` mean the same where x is one of JSON's."""
    return str(value).lower() if isinstance(value, bool) else text(value)


def comparison(symbol: str) -> Callable[[Value, Value], bool]:
    """Return `=`, `!=`, `<`, `<=`, `>` or `>=`. Nothing is unequal to everything, and in no order."""
    if symbol == "=":
        return equal
    if symbol == "!=":
        return lambda left, right: not equal(left, right)
    compare = _ORDER[symbol]

    def ordered(left: Value, right: Value) -> bool:
        first, second = number(left), number(right)
        if first is not None and second is not None:
            return compare(first, second)
        if left is None or right is None:
            return False
        return compare(text(left) or "", text(right) or "")

    return ordered


def sort_key(value: Value) -> SortKey:
    """Return a value's place in the order of `sort`.

    Documented (CloudWatch Logs User Guide, "sort"): what is no number comes before numbers; of texts, runs of
    digits and runs of other signs are compared by themselves, the latter by their code points, digits by
    their length first. Where nothing is comes first (from memory).
    """
    found = number(value)
    if found is not None:
        return (_NUMBER, found)
    if value is None:
        return (_NOTHING, 0)
    said = (text(value) or "")[:_COMPARED_CHARACTERS]
    return (TEXT, tuple(_chunk(chunk) for chunk in _CHUNKS.findall(said)))


def _chunk(chunk: str) -> tuple[str, int, str]:
    if not chunk[0].isdigit():
        return (chunk, 0, "")
    return ("0", len(chunk), chunk)
