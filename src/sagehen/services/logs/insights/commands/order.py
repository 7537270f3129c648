"""Stages of order and number: `sort`, `dedup`, `limit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sagehen.services.logs.insights.commands.stage import Enough, Memory, Stage, sorted_gently
from sagehen.services.logs.insights.evaluation.compiling import Getter
from sagehen.services.logs.insights.evaluation.ordering import TEXT, SortKey, sort_key
from sagehen.services.logs.insights.evaluation.row import Row

# A tuple of a short text, a number and another short text.
_CHUNK_BYTES = 150
# What cannot be among the first rows is let go of beyond so much.
_LEAST_BYTES = 16 * 1024 * 1024


class Reversed:
    """A key whose order is the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: Reversed) -> bool:
        return bool(other.key < self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reversed) and self.key == other.key

    __hash__ = None  # type: ignore[assignment]


def _key_bytes(key: Reversed | SortKey) -> int:
    """What a key takes of memory beside its row, roughly: a text's has a tuple for each run of digits."""
    place, said = key.key if isinstance(key, Reversed) else key
    return _CHUNK_BYTES * len(said) if place == TEXT else 0


class _Held(NamedTuple):
    key: tuple[Any, ...]
    row: Row
    size: int


class Sorting:
    """`sort`. Rows whose keys are equal come newest first.

    Args:
        most: How many of the first ones are wanted: what cannot be among them is not held.
    """

    def __init__(
        self, keys: Sequence[tuple[Getter, bool]], most: int | None, memory: Memory, following: Stage
    ) -> None:
        self._keys = keys
        self._most = most
        self._memory = memory
        self._following = following
        self._held: list[_Held] = []
        self._held_bytes = self._kept_bytes = 0

    def push(self, row: Row) -> None:
        """See `Stage.push`.

        Raises:
            TooMuchHeld
        """
        key = [Reversed(sort_key(get(row))) if down else sort_key(get(row)) for get, down in self._keys]
        held = _Held((*key, -row.at_ms, -row.sequence), row, row.held_bytes + sum(map(_key_bytes, key)))
        self._held.append(held)
        self._held_bytes += held.size
        if self._most is not None and self._is_time(self._most):
            self._drop(self._most)
        self._memory.hold(held.size)

    def _is_time(self, most: int) -> bool:
        """Tell whether to let go of some: so rarely that a row is sorted a few times at the most."""
        if len(self._held) <= most:
            return False
        return len(self._held) >= 2 * most + 1000 or self._held_bytes > 2 * self._kept_bytes + _LEAST_BYTES

    def _drop(self, most: int) -> None:
        self._held = list(sorted_gently(self._held, key=lambda held: held.key))[:most]
        kept = sum(held.size for held in self._held)
        self._memory.hold(kept - self._held_bytes)
        self._held_bytes = self._kept_bytes = kept

    def end(self) -> None:
        """See `Stage.end`."""
        held, self._held = self._held, []
        for one in sorted_gently(held, key=lambda held: held.key):
            self._memory.hold(-one.size)
            self._following.push(one.row)
        self._following.end()


class Deduplicating:
    """`dedup`: the first row of each combination of values; one that lacks a value is like no other."""

    def __init__(self, getters: Sequence[Getter], memory: Memory, following: Stage) -> None:
        self._getters = getters
        self._memory = memory
        self._following = following
        self.end = following.end
        self._seen: set[tuple[Any, ...]] = set()

    def push(self, row: Row) -> None:
        """See `Stage.push`.

        Raises:
            TooMuchHeld
        """
        values = tuple(get(row) for get in self._getters)
        if None not in values:
            if values in self._seen:
                return
            self._memory.hold(200 + sum(len(value) for value in values if isinstance(value, str)))
            self._seen.add(values)
        self._following.push(row)


class Limiting:
    """`limit`: what comes behind is only counted, and for `limit any` not even looked at."""

    def __init__(self, most: int, *, stops: bool, following: Stage) -> None:
        self._left = most
        self._stops = stops
        self._following = following
        self.end = following.end

    def push(self, row: Row) -> None:
        """See `Stage.push`.

        Raises:
            Enough
        """
        if self._left:
            self._left -= 1
            self._following.push(row)
        if self._stops and not self._left:
            raise Enough
