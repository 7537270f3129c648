"""Distances of two distributions: the greatest difference of what they say of any value. Pure.

Documented (comparison_method): linf_simple is the maximum of the absolute difference between the cumulative
distribution functions; linf_robust is based on it, and on the two-sample Kolmogorov-Smirnov test, for few
samples. By how much it is less is Deequ's: 1.8 sqrt((n + m) / (n m)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

_ALLOWANCE = 1.8


def numerical(ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]], *, robust: bool) -> float:
    """Return the distance of two sketches, level by level."""
    import numpy

    def ordered(levels: Sequence[Sequence[float]]) -> tuple[Any, Any, float]:
        values = numpy.concatenate([numpy.asarray(level, dtype=float) for level in levels])
        weights = numpy.concatenate([numpy.full(len(level), 2.0**i) for i, level in enumerate(levels)])
        order = numpy.argsort(values, kind="stable")
        return values[order], numpy.concatenate([[0.0], numpy.cumsum(weights[order])]), float(weights.sum())

    (values, ranks, n), (other_values, other_ranks, m) = ordered(ours), ordered(theirs)
    points = numpy.union1d(values, other_values)
    share = ranks[numpy.searchsorted(values, points, "right")] / n
    other = other_ranks[numpy.searchsorted(other_values, points, "right")] / m
    return _allowed(float(numpy.abs(share - other).max()), n, m, robust=robust)


def categorical(ours: Mapping[str, float], theirs: Mapping[str, float], *, robust: bool) -> float:
    """Return the distance of two counts of values."""
    n, m = sum(ours.values()), sum(theirs.values())
    greatest = max(abs(ours.get(value, 0) / n - theirs.get(value, 0) / m) for value in {*ours, *theirs})
    return _allowed(greatest, n, m, robust=robust)


def _allowed(distance: float, n: float, m: float, *, robust: bool) -> float:
    return max(0.0, distance - _ALLOWANCE * sqrt((n + m) / (n * m))) if robust else distance
