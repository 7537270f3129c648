"""Last words: the end of what a program wrote to stderr, which the failure file shows."""

from __future__ import annotations

import collections
import io
from collections.abc import Iterable
from typing import Any

# The failure file shows 1024 characters.
_KEPT_LINES = 40
_KEPT_CHARACTERS = 4096


class LastWords:
    """Keeps the last lines of a stream."""

    def __init__(self) -> None:
        self._lines: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)
        self._partial = ""

    def feed(self, text: str) -> None:
        """Take a piece of text; lines may be cut anywhere."""
        *lines, partial = (self._partial + text).split("\n")
        self._keep(lines)
        self._partial = partial[-_KEPT_CHARACTERS:]

    def _keep(self, lines: Iterable[str]) -> None:
        self._lines.extend(line[-_KEPT_CHARACTERS:] for line in lines if line.strip())

    def __str__(self) -> str:
        """Return the error that a traceback ends with, or the last lines."""
        self._keep([self._partial])
        self._partial = ""
        lines = list(self._lines)
        for index in range(len(lines) - 1, -1, -1):
            if lines[index].startswith("Traceback "):
                return "\n".join(line for line in lines[index + 1 :] if not line.startswith(" "))
        unindented = [line for line in lines if not line.startswith(" ")]
        return "\n".join(unindented[-3:] or lines[-3:])


class Overheard(io.TextIOWrapper):
    """A text stream to where another leads, that remembers what goes through it.

    Not over the other's own bytes: in a fork those may believe that they are the file they were before.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        stream.flush()
        super().__init__(
            io.FileIO(stream.fileno(), "w", closefd=False), encoding=stream.encoding, errors=stream.errors,
            line_buffering=True, write_through=True,
        )  # fmt: skip
        self.last_words = LastWords()

    def write(self, text: Any, /) -> int:
        """Write, and remember the end of it."""
        self.last_words.feed(text)
        return super().write(text)
