"""Remembered: reads of small, rarely written tables, kept in memory until a write to them commits."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """A cache that is never behind an acknowledged write.

    Every write to what is read here must name this memory (`Database.write(…, touches=…)`): it is
    told to forget after the commit and before the writer is answered. An entry carries the age in
    which its reading began, so that a reading which a commit overtook counts for nothing.

    Args:
        limit: Entries; past it everything is forgotten, which costs less than to choose.
    """

    def __init__(self, limit: int = 4096) -> None:
        self._limit = limit
        self._age = object()
        self._entries: dict[Hashable, tuple[object, V]] = {}

    def get(self, key: Hashable, read: Callable[[], V]) -> V:
        """Return what `read` returned last for this key, or reads. It must not be changed by anybody."""
        entry = self._entries.get(key)
        if entry is not None and entry[0] is self._age:
            return entry[1]
        age = self._age
        value = read()
        if len(self._entries) >= self._limit:
            self._entries.clear()
        self._entries[key] = (age, value)
        return value

    def forget(self) -> None:
        """Forget everything; from any thread."""
        self._age = object()
