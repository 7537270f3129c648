"""WaitingLine: who waits for concurrency, first come first served for each function. Pure.

AWS has no such line: there, whatever is beyond the concurrency is throttled at once. It is for those who want
to see queueing, and is kept only where the platform was told to (`sagehen up --queue-excess`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from sagehen.domain.scope import Scope

Function = tuple[Scope, str]
T = TypeVar("T")

# Concurrency comes free again; what came too fast does not wait for that.
_CONCURRENCY = ("ConcurrentInvocationLimitExceeded", "ReservedFunctionConcurrentInvocationLimitExceeded")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, and how many, may wait.

    Args:
        seconds: Of real time, for each; as the time that an answer has, it knows no time scale.
        most: Of all functions together.
        most_bytes: Of their payloads.
    """

    seconds: float
    most: int = 1_000
    most_bytes: int = 64 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Place(Generic[T]):
    """One place in the line.

    Args:
        function: Whose concurrency is waited for.
        number: Smaller ones came before.
        size: Of the payload, in bytes.
        who: Waits.
    """

    function: Function
    number: int
    size: int
    who: T


class WaitingLine(Generic[T]):
    """The line of an account's functions, and of all other accounts'."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._lines: dict[Function, deque[Place[T]]] = {}
        self._last = 0
        self._waiting = 0
        self._bytes = 0

    def __len__(self) -> int:
        return self._waiting

    def is_waited_for(self, function: Function) -> bool:
        """Tell whether somebody waits for this function: whoever comes now comes after."""
        return function in self._lines

    def admits(self, reason: str, reserved: int | None, size: int) -> bool:
        """Tell whether one more may wait.

        Args:
            reason: Why it may not run, a ThrottleReason.
            reserved: What its function reserves; 0 is a function that is switched off.
            size: Of its payload.
        """
        return (
            reason in _CONCURRENCY
            and reserved != 0
            and self._waiting < self._patience.most
            and self._bytes + size <= self._patience.most_bytes
        )

    def join(self, function: Function, size: int, who: T) -> Place[T]:
        """Take the last place of a function's line."""
        self._last += 1
        place = Place(function, self._last, size, who)
        self._lines.setdefault(function, deque()).append(place)
        self._waiting += 1
        self._bytes += size
        return place

    def leave(self, place: Place[T]) -> None:
        """Give a place up; one that was given up already is no fault."""
        line = self._lines.get(place.function)
        if line is None or place not in line:
            return
        line.remove(place)
        if not line:
            del self._lines[place.function]
        self._waiting -= 1
        self._bytes -= place.size

    def clear(self) -> list[Place[T]]:
        """Send everybody away; return who they were."""
        gone = [place for line in self._lines.values() for place in line]
        self._lines.clear()
        self._waiting = self._bytes = 0
        return gone

    def head(self, function: Function) -> Place[T] | None:
        """Return the first of one function's line."""
        line = self._lines.get(function)
        return line[0] if line else None

    def first(self, scope: Scope | None = None) -> Iterator[Place[T]]:
        """Yield the first of each function's line, those first who have come first.

        Args:
            scope: Of one account and region; None: of all.
        """
        heads = [line[0] for function, line in self._lines.items() if scope in (None, function[0])]
        yield from sorted(heads, key=lambda place: place.number)
