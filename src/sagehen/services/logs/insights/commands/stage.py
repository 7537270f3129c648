"""Stages, and what they hold."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sagehen.services.logs.insights.evaluation.row import Row

T = TypeVar("T")
# `list.sort` lets no other thread go on: so many at a time are some ms.
_SORTED_AT_ONCE = 2000


class TooMuchHeld(Exception):
    """A query would hold more than `Memory.most_bytes`."""


@dataclass(slots=True)
class Memory:
    """What the stages of one query hold, and may hold."""

    most_bytes: int
    held_bytes: int = 0

    def hold(self, size: int) -> None:
        """Count bytes in; less than none are given back.

        Raises:
            TooMuchHeld
        """
        self.held_bytes += size
        if self.held_bytes > self.most_bytes:
            raise TooMuchHeld


class Stage(Protocol):
    """One command."""

    def push(self, row: Row) -> None:
        """Take a row."""
        ...

    def end(self) -> None:
        """No more rows will come: hand on what was held back."""
        ...


class Enough(Exception):
    """No further row can change the results."""


def sorted_gently(items: Iterable[T], key: Callable[[T], Any]) -> Iterator[T]:
    """Sort so that other threads have their turn: in pieces, which are merged."""
    pieces: list[Sequence[T]] = []
    left = list(items)
    for start in range(0, len(left), _SORTED_AT_ONCE):
        pieces.append(sorted(left[start : start + _SORTED_AT_ONCE], key=key))
    return iter(pieces[0]) if len(pieces) == 1 else heapq.merge(*pieces, key=key)
