"""Outputs: what a job's objects were answered, until the job has come to its end.

A job that is stopped stores nothing, so nothing goes to S3 before. Short answers, as most are (an image's
scores), wait in memory: a file for each, written, read and deleted, costs as much as asking for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sagehen.incoming.index import Entry

# One object's: what S3 keeps in a row. And a job's, of which there may be twenty at once.
_HELD_BYTES_EACH = 64 * 1024
_HELD_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Output:
    """One object's answers.

    Args:
        name: Below the output's prefix.
        content: The answers, or the file that they are in.
        entry: Whose they are.
    """

    name: str
    content: bytes | Path
    entry: Entry


class Outputs:
    """The outputs in the order of their objects, whichever was answered first.

    Args:
        folder: For those that are not held in memory.
    """

    def __init__(self, folder: Path, held_bytes: int = _HELD_BYTES) -> None:
        self._folder = folder
        self._left = held_bytes
        self._all: list[Output | None] = []

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Output]:
        """Yield those that are there: not of objects that failed, or are not through yet."""
        return (output for output in self._all if output is not None)

    def begin(self) -> int:
        """Return the place of the next object."""
        self._all.append(None)
        return len(self._all) - 1

    def file(self, place: int) -> Path:
        """Return the file of an object, which nobody has made yet."""
        return self._folder / str(place)

    def may_hold(self, size: int) -> bool:
        """Take so many bytes of the memory for answers, or tell that they belong into a file."""
        if size > min(_HELD_BYTES_EACH, self._left):
            return False
        self._left -= size
        return True

    def end(self, place: int, output: Output) -> None:
        """Take what an object's answers came to."""
        self._all[place] = output
