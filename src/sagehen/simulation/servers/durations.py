"""Durations: how long one request takes, as a table that is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, sqrt
from random import Random
from statistics import NormalDist, fmean

# So many values stand for a distribution, evenly spaced in probability: p99.9 has 16 of them above it, and
# mean and percentiles are those that were asked for, not those of a lucky draw.
_VALUES = 16_384
_P99 = NormalDist().inv_cdf(0.99)


@dataclass(frozen=True, slots=True)
class Durations:
    """A distribution of seconds.

    Args:
        quantiles: (share, seconds), both rising, from share 0 to share 1; between two, a straight line.
        words: How people call it.
    """

    quantiles: tuple[tuple[float, float], ...]
    words: str
    _lognormal: tuple[float, float] | None = None

    @classmethod
    def constant(cls, seconds: float) -> Durations:
        """Return one that is always the same."""
        return cls(((0.0, seconds), (1.0, seconds)), f"always {_shown(seconds)}")

    @classmethod
    def exponential(cls, mean: float) -> Durations:
        """Return one without memory: what queueing formulas take."""
        steps = [1 - 0.5**n for n in range(40)]
        table = tuple((share, -mean * log(1 - share) if share else 0.0) for share in _fine(steps))
        return cls((*table, (1.0, table[-1][1])), f"exponential, mean {_shown(mean)}")

    @classmethod
    def lognormal(cls, *, p99: float, p50: float | None = None, mean: float | None = None) -> Durations:
        """Return the usual shape of latencies: many short, some long, none below 0.

        Args:
            p99: Seconds; at least the other.
            p50, mean: Seconds; exactly one of them.

        Raises:
            ValueError: No such distribution has this mean and p99.
        """
        if p50 is not None:
            if not 0 < p50 <= p99:
                raise ValueError("p50 must be above 0 and not above p99")
            sigma = log(p99 / p50) / _P99
            words = f"p50 {_shown(p50)}, p99 {_shown(p99)}"
            return cls((), words, (log(p50), sigma))
        if mean is None or not 0 < mean <= p99:
            raise ValueError("the mean must be above 0 and not above p99")
        # ln(p99) = m + z s and ln(mean) = m + s*s/2: the smaller root, the other has a p99 of freaks.
        under = _P99 * _P99 - 2 * log(p99 / mean)
        if under < 0:
            raise ValueError(f"p99 is more than {exp(_P99**2 / 2):.0f} times the mean: say p50 and p99")
        sigma = _P99 - sqrt(under)
        return cls((), f"mean {_shown(mean)}, p99 {_shown(p99)}", (log(mean) - sigma * sigma / 2, sigma))

    @classmethod
    def measured(cls, values: Sequence[float]) -> Durations:
        """Return what was measured, in seconds, in any order; at least one value.

        Raises:
            ValueError: There is none.
        """
        if not values:
            raise ValueError("nothing was measured")
        ordered = sorted(values)
        last = max(len(ordered) - 1, 1)
        table = [(n / last, value) for n, value in enumerate(ordered)]
        if len(ordered) == 1:
            table.append((1.0, ordered[0]))
        return cls(tuple(table), f"{len(ordered):,} measured, mean {_shown(fmean(ordered))}")

    def values(self) -> list[float]:
        """Return the table, rising."""
        if self._lognormal is None and self.quantiles[0][1] == self.quantiles[-1][1]:
            return [self.quantiles[0][1]]
        return self._of_lognormal() if self._lognormal else self._of_quantiles()

    def shuffled(self, random: Random) -> list[float]:
        """Return the table in an order to draw from."""
        found = self.values()
        random.shuffle(found)
        return found

    @property
    def mean(self) -> float:
        """Seconds."""
        return fmean(self.values())

    def _of_lognormal(self) -> list[float]:
        assert self._lognormal is not None
        mu, sigma = self._lognormal
        if sigma == 0:
            return [exp(mu)] * _VALUES
        inverse = NormalDist(mu, sigma).inv_cdf
        return [exp(inverse((n + 0.5) / _VALUES)) for n in range(_VALUES)]

    def _of_quantiles(self) -> list[float]:
        found, number = [], 0
        table = self.quantiles
        for n in range(_VALUES):
            share = (n + 0.5) / _VALUES
            while table[number + 1][0] < share:
                number += 1
            (low, first), (high, last) = table[number], table[number + 1]
            found.append(first + (last - first) * (share - low) / (high - low) if high > low else first)
        return found


def _fine(steps: Sequence[float]) -> list[float]:
    """Return the shares with 15 more between each two, so that straight lines follow a curve."""
    found = []
    for first, last in pairwise(steps):
        found += [first + (last - first) * n / 16 for n in range(16)]
    return [*found, steps[-1]]


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.4g} ms" if seconds < 1 else f"{seconds:.4g} s"
