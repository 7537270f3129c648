"""Lengths of time as people write them: `90s`, `5m`, `1h30m`, `1d`."""

from __future__ import annotations

import re

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
# A year: what is longer is a slip of the keyboard, and would be simulated for hours.
LONGEST_S = 366 * 86400.0
DURATION = r"(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+"
_WHOLE = re.compile(DURATION, re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])", re.ASCII)


def parse_duration(text: str) -> float:
    """Return seconds.

    Args:
        text: Numbers with `ms`, `s`, `m`, `h`, `d` or `w` behind them; several are added (`1h30m`).

    Raises:
        ValueError: It is something else, nothing, or longer than a year.
    """
    if len(text) > 64 or not _WHOLE.fullmatch(text):
        raise ValueError(f"{text[:64]!r} is no duration: write 90s, 5m, 1h30m or 1d")
    seconds = sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(text))
    if not 0 < seconds <= LONGEST_S:
        raise ValueError(f"{text} is no duration: more than nothing, at most 366d")
    return seconds


def duration_text(seconds: float) -> str:
    """Return it as short as it is exact to a millisecond: `1h30m`, `2.5s`, `0s`."""
    left = round(seconds * 1000)
    parts = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    if left or not parts:
        parts.append(f"{left / 1000:g}s")
    return "".join(parts)
