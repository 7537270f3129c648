"""Times cut to periods: `bin(5m)`, `datefloor(@timestamp, 1h)`. In UTC.

Documented: CloudWatch Logs User Guide, "Boolean, comparison, numeric, datetime, and other functions":
1000 ms, 60 s, 60 m and 24 h are the most of their units, and larger numbers mean these. That weeks begin on
Monday is from memory.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sagehen.services.logs.insights.evaluation.values import Moment
from sagehen.services.logs.insights.language.tree import Period

_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_CAPS = {"ms": 1000, "s": 60, "m": 60, "h": 24}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_MONDAY_MS = 4 * 86_400_000  # 1970-01-05
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999  # years 1 and 9999
_MOST_COUNT = 10_000


def floor_of(period: Period) -> Callable[[float], Moment]:
    """Return what cuts a time, in ms since the epoch, to the start of its period."""
    count = min(period.count, _CAPS.get(period.unit, _MOST_COUNT))
    if period.unit in _MONTHS:
        return _months(count * _MONTHS[period.unit])
    size = count * _UNIT_MS[period.unit]
    offset = _MONDAY_MS if period.unit == "w" else 0
    return lambda at_ms: Moment(int(at_ms) - (int(at_ms) - offset) % size)


def ceiling_of(period: Period) -> Callable[[float], Moment]:
    """Return what gives the start of the period after a time's; a period's start is its own."""
    floor = floor_of(period)
    if period.unit in _MONTHS:
        count = period.count * _MONTHS[period.unit]

        def next_month(at_ms: float) -> Moment:
            start = floor(at_ms)
            return start if start == int(at_ms) else _plus_months(start, count)

        return next_month
    size = min(period.count, _CAPS.get(period.unit, _MOST_COUNT)) * _UNIT_MS[period.unit]

    def following(at_ms: float) -> Moment:
        start = floor(at_ms)
        return start if start == int(at_ms) else Moment(start + size)

    return following


def _months(count: int) -> Callable[[float], Moment]:
    def floor(at_ms: float) -> Moment:
        at = _EPOCH + timedelta(milliseconds=min(max(int(at_ms), _FIRST_MS), _LAST_MS))
        months = at.year * 12 + at.month - 1
        return _of_month(max(months - months % count, 12))

    return floor


def _plus_months(start: Moment, count: int) -> Moment:
    at = _EPOCH + timedelta(milliseconds=min(max(start, _FIRST_MS), _LAST_MS))
    return _of_month(min(at.year * 12 + at.month - 1 + count, 9999 * 12 + 11))


def _of_month(months: int) -> Moment:
    start = datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
    return Moment((start - _EPOCH) // timedelta(milliseconds=1))
