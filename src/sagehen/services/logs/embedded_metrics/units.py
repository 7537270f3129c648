"""The units of metrics."""

from __future__ import annotations

_AMOUNTS = (
    *("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"),
    *("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"),
    "Count",
)
_RATES = tuple(f"{amount}/Second" for amount in _AMOUNTS)

# Documented: API_MetricDatum, Unit.
UNITS = frozenset((*_AMOUNTS, *_RATES, "Seconds", "Microseconds", "Milliseconds", "Percent", "None"))
