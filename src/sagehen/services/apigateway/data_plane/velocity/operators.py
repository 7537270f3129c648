"""Operators of templates: Java's arithmetic, and what Velocity makes of null."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.services.apigateway.data_plane.mapping.json_values import MAX_TEXT, same
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError
from sagehen.services.apigateway.data_plane.velocity.values import text_of

# Java's long; beyond it Velocity goes on with BigInteger, which nobody's template needs.
_LONGEST = 1 << 63


def apply(sign: str, left: Any, right: Any) -> Any:
    """Return what an operator makes of two values; `&&` and `||` are the renderer's.

    Raises:
        TemplateError: It cannot be applied to them, or the result is too large.
        TooLarge: They cannot be compared.
    """
    if sign in ("==", "eq"):
        return _equal(left, right)
    if sign in ("!=", "ne"):
        return not _equal(left, right)
    if sign == "+" and (isinstance(left, str) or isinstance(right, str)):
        text = f"{text_of(left)}{text_of(right)}"
        if len(text) > MAX_TEXT:
            raise TemplateError("a text grew too large")
        return text
    if left is None or right is None:
        return False if sign in _ORDER else None
    if sign in _ORDER:
        return _ORDER[sign](left, right)
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        raise TemplateError(f"{sign} needs numbers")
    # Velocity's user guide: a division by zero gives null, and is logged.
    if sign in "/%" and right == 0:
        return None
    result = _ARITHMETIC[sign](left, right)
    if abs(result) >= _LONGEST:
        raise TemplateError("a number grew too large")
    return result


def _equal(left: Any, right: Any) -> bool:
    """Null equals the empty text (recorded: what `$input.path` does not find is both)."""
    if left is None or right is None:
        return left in (None, "") and right in (None, "")
    return same(left, right)


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        quotient = abs(left) // abs(right)  # Java rounds towards zero
        return quotient if (left < 0) == (right < 0) else -quotient
    return left / right


def _remainder(left: Any, right: Any) -> Any:
    return left - right * _divide(left, right) if isinstance(left, int) else left % right


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "lt": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, "le": lambda a, b: a <= b,
    ">": lambda a, b: a > b, "gt": lambda a, b: a > b,
    ">=": lambda a, b: a >= b, "ge": lambda a, b: a >= b,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "%": _remainder,
}
