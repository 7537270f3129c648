"""Spread: how long things took, counted in steps of one percent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import exp, log

# Values below a microsecond count as none.
_LEAST = 1e-6
_STEPS = 1 / log(1.01)
_NONE = -1
# Logarithms of what is below a second are negative, and int() would round them up.
_ABOVE = 2000


class Spread:
    """Weighted counts by size; percentiles are exact to one percent of the value."""

    __slots__ = ("_counts", "total", "weight")

    def __init__(self) -> None:
        self._counts: dict[int, float] = {}
        self.weight = 0.0
        """How many there are."""
        self.total = 0.0
        """Their sum, in seconds."""

    def add(self, values: list[float], weight: float) -> None:
        """Count seconds, each of them `weight` times."""
        if not values:
            return
        counts = self._counts
        for step, count in Counter(
            [int(log(value) * _STEPS + _ABOVE) if value > _LEAST else _NONE for value in values]
        ).items():
            counts[step] = counts.get(step, 0.0) + count * weight
        self.weight += len(values) * weight
        self.total += sum(values) * weight

    def add_none(self, weight: float) -> None:
        """Count so many that took no time."""
        if weight:
            self._counts[_NONE] = self._counts.get(_NONE, 0.0) + weight
            self.weight += weight

    def merge(self, other: Spread) -> None:
        """Count what another has counted."""
        for step, count in other._counts.items():
            self._counts[step] = self._counts.get(step, 0.0) + count
        self.weight += other.weight
        self.total += other.total

    @property
    def mean(self) -> float:
        """Seconds; 0 where there is nothing."""
        return self.total / self.weight if self.weight else 0.0

    def percentile(self, percent: float) -> float:
        """Return the value, in seconds, that so many percent are not above; 0 where there is nothing."""
        wanted = self.weight * percent / 100
        seen = 0.0
        for step in sorted(self._counts):
            seen += self._counts[step]
            if seen >= wanted - 1e-9:
                return 0.0 if step == _NONE else exp((step - _ABOVE + 0.5) / _STEPS)
        return 0.0

    def share_above(self, seconds: float) -> float:
        """Return which share of them took longer."""
        if not self.weight:
            return 0.0
        limit = int(log(seconds) * _STEPS + _ABOVE) if seconds > _LEAST else _NONE
        return sum(count for step, count in self._counts.items() if step > limit) / self.weight


def merged(spreads: Iterable[Spread]) -> Spread:
    """Return all of them as one."""
    whole = Spread()
    for spread in spreads:
        whole.merge(spread)
    return whole
