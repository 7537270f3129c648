"""NewFile: a file that is being written, by several threads, each a part of it. Blocking."""

from __future__ import annotations

import os
from http.client import HTTPException, HTTPResponse
from pathlib import Path

_PIECE_BYTES = 256 * 1024
_MODE = 0o644


class NewFile:
    """One that does not exist yet.

    Attributes:
        size: As its content will be.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.size = 0
        self._descriptor = -1
        self._modified_s: float | None = None

    def open(self, modified_s: float | None) -> None:
        """Make it.

        Args:
            modified_s: When its content was last changed, since the epoch.

        Raises:
            FileExistsError, OSError
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        self._descriptor = os.open(self.place, flags, _MODE)
        self._modified_s = modified_s

    def write(self, answer: HTTPResponse, at: int) -> None:
        """Write what an answer holds, from a place on.

        Raises:
            OSError: Also where the answer ends before its end.
        """
        view = memoryview(bytearray(_PIECE_BYTES))
        left = int(answer.headers["Content-Length"])
        while left:
            try:
                count = answer.readinto(view[: min(left, _PIECE_BYTES)])
            except HTTPException as error:
                raise ConnectionError(str(error)) from error
            if not count:
                raise ConnectionError("S3 ended in the middle of an object")
            left -= count
            piece = view[:count]
            while piece:
                written = os.pwrite(self._descriptor, piece, at)
                at += written
                piece = piece[written:]

    def finish(self) -> None:
        """Take its content for whole."""
        os.fchmod(self._descriptor, _MODE)
        if self._modified_s is not None:
            os.utime(self._descriptor, (self._modified_s, self._modified_s))

    def remove(self) -> None:
        """Delete it, if it was made here."""
        if self._descriptor >= 0:
            self.place.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
