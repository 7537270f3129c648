"""KLL sketch: the distribution of any many numbers in a few thousand of them.

Karnin, Lang, Liberty: Optimal Quantile Approximation in Streams (2016). A number on level i stands for 2^i.
Up to k numbers are all kept: then it is exact. Parameters as in statistics.json of AWS's.
"""

from __future__ import annotations

from math import ceil
from typing import Any

K, C = 2048, 0.64
_LEAST = 2


def levels_of(numbers: Any) -> list[list[float]]:
    """Return the levels of a sketch of an array of numbers. Chance decides, the same for the same numbers."""
    import numpy

    given = numpy.asarray(numbers, dtype=float)
    chance = numpy.random.default_rng(0)
    levels: list[Any] = [given[:0]]
    for start in range(0, len(given), K):
        levels[0] = numpy.concatenate([levels[0], given[start : start + K]])
        while sum(map(len, levels)) > sum(_capacity(level, len(levels)) for level in range(len(levels))):
            _compact(levels, chance)
    return [numpy.sort(level).tolist() for level in levels]


def _capacity(level: int, height: int) -> int:
    return max(_LEAST, ceil(K * C ** (height - 1 - level)))


def _compact(levels: list[Any], chance: Any) -> None:
    """Let half of the lowest full level's numbers stand for all of it, one level higher."""
    import numpy

    height = len(levels)
    full = next(level for level in range(height) if len(levels[level]) > _capacity(level, height))
    ordered = numpy.sort(levels[full])
    odd = len(ordered) % 2  # of an odd one the least stays behind
    promoted = ordered[odd + int(chance.integers(2)) :: 2]
    levels[full] = ordered[:odd]
    if full + 1 == height:
        levels.append(ordered[:0])
    levels[full + 1] = numpy.concatenate([levels[full + 1], promoted])
