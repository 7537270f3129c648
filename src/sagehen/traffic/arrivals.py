"""When each request comes: at random, as from many people who do not know of one another, or evenly."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import log, sqrt
from random import Random

from sagehen.traffic.traffic import Piece, Traffic

# What a caller gets at once: large enough that the work between batches does not count.
_BATCH = 4096


def arrivals(traffic: Traffic, *, seed: int | None = None, evenly: bool = False) -> Iterator[float]:
    """Yield the moments at which requests come, in seconds from the beginning, in order.

    Args:
        traffic: Their rate.
        seed: Of the randomness: the same one gives the same moments. None takes another each time.
        evenly: One whenever the rate adds up to one more, the first at the beginning; no randomness.
    """
    return chain.from_iterable(batches(traffic, seed=seed, evenly=evenly))


def batches(traffic: Traffic, *, seed: int | None = None, evenly: bool = False) -> Iterator[list[float]]:
    """Yield what `arrivals` yields, thousands at once: for who counts them by the million.

    A Poisson process whose rate changes is one of rate 1 on a clock that runs as fast as the rate is high
    (inversion; exact, where thinning would draw and throw away): gaps are drawn on that clock, and
    turned back into seconds within each piece.
    """
    random = Random(seed)
    due = 0.0 if evenly else -log(1.0 - random.random())  # on that clock, from where the piece begins
    start = 0.0
    for piece in traffic.pieces():
        area = piece.length * (piece.first + piece.last) / 2
        while due < area:
            positions, due = _evenly(due, area) if evenly else _random(due, area, random)
            yield _seconds(positions, start, piece)
        due -= area
        start += piece.length


def _random(due: float, area: float, random: Random) -> tuple[list[float], float]:
    """Return what comes before `area`, a batch of it at most, and what is due next."""
    positions: list[float] = []
    add, draw = positions.append, random.random
    for _ in range(_BATCH):
        add(due)
        due -= log(1.0 - draw())
        if due >= area:
            break
    return positions, due


def _evenly(due: float, area: float) -> tuple[list[float], float]:
    positions = []
    for _ in range(_BATCH):
        positions.append(due)
        due += 1.0
        if due >= area:
            break
    return positions, due


def _seconds(positions: list[float], start: float, piece: Piece) -> list[float]:
    """Turn positions on the clock of rate 1 into seconds.

    In a piece that rises by k a second, x seconds hold first*x + k*x*x/2 requests; solved for x in the form
    that divides by no small number. Rounding must not lead below 0 where a rate falls to nothing.
    """
    first = piece.first
    if first == piece.last:
        return [start + position / first for position in positions]
    square, rise = first * first, 2 * (piece.last - first) / piece.length
    return [
        start + 2 * position / (first + sqrt(max(square + rise * position, 0.0)) or 1.0)
        for position in positions
    ]
