"""Order and shares of a channel's entries. Pure.

Documented (ShuffleConfig's model): the order follows from the seed and differs from epoch to epoch, and of
`ShardedByS3Key` what one instance gets may be another's in the next epoch. AWS's own permutation is unknown.

Worked example: 5 entries, 2 instances, no seed: the first gets 0, 2, 4, the second 1, 3, in every epoch.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """What one instance gets of what is sharded: every `of`-th entry from `place` on."""

    place: int = 0
    of: int = 1


def order(count: int, seed: int | None, epoch: int, share: Share) -> Sequence[int]:
    """Return the numbers of one instance's entries, in the order in which it gets them.

    Takes some 0.5 s for a million entries with a seed: run it in a thread.

    Args:
        seed: Of ShuffleConfig; None keeps the entries' own order.
        epoch: From 0.
    """
    if seed is None:
        return range(share.place, count, share.of)
    numbers = array("L", range(count))
    # A string, so that neighbouring seeds and epochs have nothing in common; Python keeps its sequence.
    random.Random(f"{seed}/{epoch}").shuffle(numbers)
    return numbers[share.place :: share.of]
