"""Where an axis has its ticks, and how numbers and times read beside them. Pure."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

_SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
# 1 s to a day; above, whole days.
_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_DAY_S = 86400
_YEAR_10000_S = 253_402_300_799.0


def spread(low: float, high: float) -> tuple[float, float]:
    """Return bounds that are a width apart, in order."""
    low, high = min(low, high), max(low, high)
    if high - low > max(abs(low), abs(high)) * 1e-12 and high > low:
        return low, high
    half = abs(low) * 0.1 or 0.5
    return low - half, high + half


def nice_step(width: float, count: int) -> float:
    """Return 1, 2, 2.5 or 5 times a power of ten, of which some `count` make the width."""
    rough = width / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    return next((factor * power for factor in (1, 2, 2.5, 5) if factor * power >= 0.9 * rough), 10 * power)


def number_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return round numbers within bounds, at most some `count` + 1."""
    low, high = spread(low, high)
    step = nice_step(high - low, count)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [number * step for number in range(first, min(last, first + 4 * max(1, count)) + 1)]


def rounded_out(low: float, high: float, count: int = 5) -> tuple[float, float]:
    """Return bounds at ticks around these. An axis of what cannot be negative begins at 0."""
    if low >= 0:
        low = 0.0
    if high <= 0 and low < 0:
        high = 0.0
    low, high = spread(low, high) if (low, high) != (0.0, 0.0) else (0.0, 1.0)
    step = nice_step(high - low, count)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def number_text(value: float, step: float = 0.0) -> str:
    """Write a number short: 1.5k, 250, 0.002; `step` is the distance of ticks, for enough digits."""
    if value == 0 or abs(value) < abs(step) * 1e-6:
        return "0"
    size = abs(value)
    if size >= 1e15 or size < 1e-4:
        return f"{value:.3g}"
    for unit, suffix in _SUFFIXES:
        if size >= unit * 0.9999999:
            return _digits(value / unit, step / unit) + suffix
    return _digits(value, step)


def _digits(value: float, step: float) -> str:
    if not step:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    places = max(0, min(6, -math.floor(math.log10(step) + 1e-9)))
    text = f"{value:.{places + 1}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def time_ticks(low: float, high: float, count: int, utc_offset_s: int = 0) -> list[float]:
    """Return round times within bounds, of the zone's clock, at most some `count` + 1."""
    rough = (high - low) / max(1, count)
    step = next((float(step) for step in _TIME_STEPS_S if step >= rough), 0.0)
    if not step:
        step = _DAY_S * max(1.0, math.ceil(nice_step(rough / _DAY_S, 1)))
    first = math.ceil((low + utc_offset_s) / step - 1e-9)
    last = math.floor((high + utc_offset_s) / step + 1e-9)
    return [number * step - utc_offset_s for number in range(first, min(last, first + 4 * max(1, count)) + 1)]


def time_text(at_s: float, width_s: float, utc_offset_s: int = 0) -> str:
    """Write a time of an axis: with seconds where it is short, with the date where it is long."""
    if not 0 <= at_s + utc_offset_s <= _YEAR_10000_S:
        return number_text(at_s)
    at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=at_s + utc_offset_s)
    if width_s <= 600:
        return f"{at:%H:%M:%S}"
    if width_s <= 1.2 * _DAY_S:
        return f"{at:%H:%M}"
    return f"{at:%m/%d %H:%M}" if width_s <= 4 * _DAY_S else f"{at:%m/%d}"
