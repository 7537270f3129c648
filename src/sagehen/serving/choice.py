"""Pure decisions of routing: which variant, which replica. Randomness comes in as a number in [0, 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

T = TypeVar("T")

RoutingStrategy = Literal["RANDOM", "LEAST_OUTSTANDING_REQUESTS"]


def choose_variant(weights: Mapping[str, float], u: float) -> str | None:
    """Return a variant with probability weight / sum of weights, or None where all weights are 0.

    Weights 3 and 1: `u` below 0.75 chooses the first.
    """
    total = sum(weights.values())
    if total <= 0:
        return None
    mark = u * total
    chosen = None
    for name, weight in weights.items():
        if weight <= 0:
            continue
        chosen = name
        mark -= weight
        if mark < 0:
            break
    return chosen


def choose_replica(candidates: Sequence[tuple[T, int]], strategy: RoutingStrategy, u: float) -> T | None:
    """Return one of (replica, outstanding requests) pairs, or None where there is none.

    Least outstanding requests breaks ties at random: equal instances share the load evenly.
    """
    if not candidates:
        return None
    if strategy == "LEAST_OUTSTANDING_REQUESTS":
        least = min(outstanding for _, outstanding in candidates)
        candidates = [pair for pair in candidates if pair[1] == least]
    return candidates[int(u * len(candidates))][0]
