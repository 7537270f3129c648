"""Slices: a stretch of time whose arrivals are drawn at once, all of them or a sample that stands for all.

Exactly: as many as a Poisson process has, at uniform moments. Sampled: where nothing changes (the rate, how
much is there, how long the lines are), only the first requests are served; they stand for the rest, and the
clock jumps. What is lost by it: see docs/architecture, "The rehearsal".
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, exp, sqrt
from random import Random

from sagehen.traffic.traffic import Traffic

LONGEST_S = 10.0
_SHORTEST_S = 1.0
# A slice in which the rate changes by more than this share is cut shorter.
_EVEN = 0.05
_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Slice:
    """From `begin` to `end`, seconds, in which `expected` requests come on average."""

    begin: float
    end: float
    expected: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.expected / (self.end - self.begin)


def next_slice(traffic: Traffic, now: float, event: float, longest: float = LONGEST_S) -> Slice:
    """Return the slice that begins now: up to the next event, `longest` full seconds, or fewer where the
    rate changes."""
    step = longest
    first, last = traffic.rate(now), traffic.rate(min(now + step, traffic.duration) - 1e-9)
    middle = traffic.rate(now + step / 2)
    most, least = max(first, middle, last), min(first, middle, last)
    if most - least > _EVEN * most:
        step = _SHORTEST_S * longest / LONGEST_S
    edge = (now // step + 1) * step
    end = min(edge, event, traffic.duration)
    return Slice(now, end, traffic.expected(now, end))


def parts(one: Slice) -> list[Slice]:
    """Return it in parts of which none holds more requests than memory is meant for."""
    count = max(1, ceil(one.expected / _AT_ONCE))
    edges = [one.begin + (one.end - one.begin) * n / count for n in range(count + 1)]
    return [Slice(begin, end, one.expected / count) for begin, end in pairwise(edges)]


def poisson(expected: float, random: Random) -> int:
    """Draw how many come where so many do on average; beyond 60 by the normal distribution."""
    if expected <= 0:
        return 0
    if expected > 60:
        return max(0, round(random.gauss(expected, sqrt(expected))))
    limit, product, count = exp(-expected), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def moments(begin: float, length: float, count: int, random: Random) -> list[float]:
    """Draw so many uniform moments of a stretch, in order."""
    draw = random.random
    return sorted([begin + length * draw() for _ in range(count)])


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrivals to serve, and the seconds that are skipped behind them.

    Args:
        arrivals: Moments, rising.
        weight: For how many each stands; 1.0 where all are served.
        skip: Seconds.
        count: How many come in truth.
    """

    arrivals: list[float]
    weight: float
    skip: float
    count: int


def batch(one: Slice, random: Random, *, sample: int | None) -> Batch:
    """Return what is to be served of a slice.

    Args:
        sample: About so many requests stand for all; None serves each.
    """
    length = one.end - one.begin
    count = poisson(one.expected, random)
    each = 1 if sample is None else max(1, round(one.expected / sample))
    if each == 1:
        return Batch(moments(one.begin, length, count, random), 1.0, 0.0, count)
    # Not always as many: a queue lives on the moments in which more come than usual.
    window = length / each
    served = moments(one.begin, window, poisson(one.expected / each, random), random)
    return Batch(served, float(each), length - window, count)
