"""Printed: what a sandbox printed and the platform has not said that it has."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

# A minute without the platform, at 1,000 lines a second of the usual length.
MOST_BYTES = 8 * 2**20
# What is sent at once; each piece costs the platform a wake-up.
_PIECE_BYTES = 64 * 1024

Line = tuple[int, str, str]


class Printed:
    """Numbered lines, kept until they are acknowledged.

    Where more come than are kept, the oldest go, and a line says how many.

    Attributes:
        changed: Set when there is something new to send; whoever sends clears it.
        ended: How it ended, as JSON, once it has.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lines: deque[Line] = deque()
        self._bytes = 0
        self._next = 1
        self._lost = 0
        self.changed = asyncio.Event()
        self.ended: dict[str, Any] | None = None

    def add(self, stream: str, text: str) -> None:
        """Take a line."""
        self._lines.append((self._next, stream, text))
        self._next += 1
        self._bytes += _size(text)
        while self._bytes > self._most and len(self._lines) > 1:
            _, _, gone = self._lines.popleft()
            self._bytes -= _size(gone)
            self._lost += 1
        self.changed.set()

    def end(self, told: dict[str, Any]) -> None:
        """Take the end."""
        self.ended = told
        self.changed.set()

    def acknowledge(self, number: int) -> None:
        """Forget the lines up to this number: the platform has them."""
        while self._lines and self._lines[0][0] <= number:
            _, _, gone = self._lines.popleft()
            self._bytes -= _size(gone)

    def after(self, number: int) -> list[Line]:
        """Return the next lines behind a number, as many as are sent at once."""
        found: list[Line] = []
        size = 0
        if self._lost and self._lines and self._lines[0][0] > number + 1:
            lost, self._lost = self._lost, 0
            said = f"sagehen: {lost} lines were lost while the platform could not be reached"
            found.append((self._lines[0][0] - 1, "stderr", said))
        for line in self._lines:
            if line[0] <= number:
                continue
            if found and size > _PIECE_BYTES:
                break
            found.append(line)
            size += _size(line[2])
        return found


def _size(text: str) -> int:
    # A character of Python's is one to four bytes; the rest is the tuple around it.
    return 2 * len(text) + 64
