"""Texts that are good once, for a short while: in memory, so that none outlives the process."""

from __future__ import annotations

import string
from collections import OrderedDict
from hashlib import sha256
from typing import Generic, TypeVar

from sagehen.domain.ids import Ids

Good = TypeVar("Good")
_ALPHABET = string.ascii_letters + string.digits
# 62 to the 43rd is more than 2 to the 256th.
_LENGTH = 43


class OneTime(Generic[Good]):
    """Those that were given out and not used. The oldest gives way to a new one.

    Of each only a hash is kept: what a dump of the memory shows opens nothing.

    Args:
        ids: Draws them.
        lifetime_s: How long one is good.
        most: How many may be outstanding.
    """

    def __init__(self, ids: Ids, *, lifetime_s: float, most: int) -> None:
        self._ids = ids
        self._lifetime_s = lifetime_s
        self._most = most
        self._waiting: OrderedDict[bytes, tuple[float, Good]] = OrderedDict()

    def issue(self, good: Good, now_s: float) -> str:
        """Return a new text.

        Args:
            good: What it is good for.
            now_s: The present in seconds of any clock that never goes backwards.
        """
        text = self._ids.text(_LENGTH, _ALPHABET)
        while len(self._waiting) >= self._most:
            self._waiting.popitem(last=False)
        self._waiting[_hash(text)] = (now_s + self._lifetime_s, good)
        return text

    def take(self, text: str, now_s: float) -> Good | None:
        """Return what a text is good for; from then on it is good for nothing, whatever becomes of this."""
        ends_s, good = self._waiting.pop(_hash(text), (0.0, None))
        return good if now_s < ends_s else None

    def forget(self) -> None:
        """Make all of them void."""
        self._waiting.clear()


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
