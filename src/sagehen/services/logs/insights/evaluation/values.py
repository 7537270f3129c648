"""Values: None where there is none, bool, int, float, str, and moments in time.

A field is a text until something wants a number of it, as on AWS.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sagehen.services.logs.patterns.number import number_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_MS = 253_402_300_799_999  # the year 9999


class Moment(int):
    """Milliseconds since the epoch that are shown as a time."""

    __slots__ = ()


class ReportNumber(float):
    """A number out of a function's report, which is shown as Java writes it."""

    __slots__ = ()


Value = None | bool | int | float | str


def number(value: Value) -> float | int | None:
    """Return what a value is as a number; None where it is none."""
    if isinstance(value, str):
        return number_of(value)
    return value


def truth(value: Value) -> bool:
    """Tell whether a value fulfils a condition."""
    if isinstance(value, str):
        found = number_of(value)
        return found != 0 if found is not None else value.lower() == "true"
    return bool(value)


def text(value: Value) -> str | None:
    """Return a value as results show it; None where there is none.

    Numbers that were worked out have at most four decimals (from memory).
    """
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Moment):
        return time_text(value)
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return None
    if isinstance(value, ReportNumber):
        return java_double(value)
    if abs(value) >= 1e15:
        return java_double(value)
    shown = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def time_text(at_ms: int) -> str:
    """Return a time as `YYYY-MM-DD HH:MM:SS.mmm`, in UTC."""
    bounded = min(max(int(at_ms), -_MOST_MS // 5), _MOST_MS)
    at = _EPOCH + timedelta(milliseconds=bounded)
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"


def java_double(value: float) -> str:
    """Return a number as Java writes one: discovered fields of Lambda's reports come so (recorded).

    `1395.0`, `428.6`, `1.28E8`.
    """
    written = repr(float(value))
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return written
    sign, digits, exponent = Decimal(written).normalize().as_tuple()
    shown = "".join(map(str, digits))
    power = len(shown) - 1 + int(exponent)
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{power}"
