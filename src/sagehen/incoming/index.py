"""Index: the entries of a channel as lines of a file, each to be had by its number.

A listing of millions of keys is shuffled in memory as eight bytes per entry, and not as its keys.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# Ours: 32 MB of places, and a shuffle of two seconds. AWS names no number.
MAX_ENTRIES = 4_000_000
# A line of an augmented manifest holds the annotations of one image. One at a time is in memory.
MAX_LINE_BYTES = 1024 * 1024


class IndexTooLarge(Exception):
    """More entries, or a longer line, than an index takes; the message says which."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object, and the path that it has below its channel."""

    bucket: str
    key: str
    relative: str


class Index:
    """Lines of a file that stays as it is. Its methods block for a read of the disk.

    Args:
        places: Where each line begins, and where the last one ends.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, places: array[int]) -> None:
        self.path = path
        self._places = places

    def __len__(self) -> int:
        return len(self._places) - 1

    def open(self) -> BinaryIO:
        """Open the file for `line`; whoever opens it closes it."""
        return self.path.open("rb")

    def line(self, file: BinaryIO, number: int) -> bytes:
        """Return a line without what is white around it."""
        file.seek(self._places[number])
        # Not as far as the next place: any number of empty lines may lie between.
        return file.readline(MAX_LINE_BYTES).strip()

    def entry(self, file: BinaryIO, number: int) -> Entry:
        """Return a line that `write` has written."""
        return Entry(*json.loads(self.line(file, number)))


async def write(path: Path, entries: AsyncIterator[Entry]) -> Index:
    """Write entries down.

    Raises:
        IndexTooLarge
    """
    places = array("Q", [0])
    with path.open("wb") as file:
        async for entry in entries:
            if len(places) > MAX_ENTRIES:
                raise IndexTooLarge(f"it has more than {MAX_ENTRIES} objects")
            line = json.dumps([entry.bucket, entry.key, entry.relative]).encode() + b"\n"
            file.write(line)
            places.append(places[-1] + len(line))
    return Index(path, places)


def of_lines(path: Path) -> Index:
    """Index a file's own lines, but for empty ones. Blocking.

    Raises:
        IndexTooLarge
    """
    # Two places per line would be as many again: an empty line is part of the one before it.
    places = array("Q")
    end = 0
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            if len(line) > MAX_LINE_BYTES:
                raise IndexTooLarge(f"it has a line of more than {MAX_LINE_BYTES} bytes")
            if line.strip():
                places.append(end)
            end += len(line)
            if len(places) > MAX_ENTRIES:
                raise IndexTooLarge(f"it has more than {MAX_ENTRIES} lines")
    places.append(end)
    return Index(path, places)
