"""AttendedFile: a file that is read for as long as somebody waits for it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path


class AttendedFile(io.FileIO):
    """A file that what decompresses it reads, in pieces of some KiB.

    One call of a decompressor may go through the whole of it and return nothing: of many streams, one behind
    the other, all of them empty.

    Args:
        check: Called before each piece; raises where nobody waits any more.
    """

    def __init__(self, path: Path, check: Callable[[], None]) -> None:
        super().__init__(path, "rb")
        self._check = check

    def read(self, size: int | None = -1, /) -> bytes:
        """Read a piece; see `check`."""
        self._check()
        return super().read(-1 if size is None else size)
