"""NewFile: a file that is being written, by several threads, each a part of it. Blocking."""

from __future__ import annotations

import os
import threading
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
        self._writers = 0
        self._is_over = False
        self._lock = threading.Lock()

    def open(self, modified_s: float | None) -> None:
        """Make it.

        Args:
            modified_s: When its content was last changed, since the epoch.

        Raises:
            FileExistsError, OSError: Also where it is closed already.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with self._lock:
            self.check()
            self._descriptor = os.open(self.place, flags, _MODE)
        self._modified_s = modified_s

    def write(self, answer: HTTPResponse, at: int) -> None:
        """Write what an answer holds, from a place on.

        Raises:
            OSError: Also where the answer ends before its end, or the file is closed meanwhile.
        """
        with self._lock:
            self._writers += 1
        try:
            self._copy(answer, at)
        finally:
            with self._lock:
                self._writers -= 1
                self._close_if_over()

    def _copy(self, answer: HTTPResponse, at: int) -> None:
        view = memoryview(bytearray(_PIECE_BYTES))
        left = int(answer.headers["Content-Length"])
        while left:
            self.check()
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
        """Delete it, if it was made here; it is not made later either."""
        with self._lock:
            self._is_over = True
            if self._descriptor >= 0:
                self.place.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of it; whoever is writing still, ends."""
        with self._lock:
            self._is_over = True
            self._close_if_over()

    def check(self) -> None:
        """Go on only where somebody waits for it.

        Raises:
            ConnectionAbortedError: Nobody does.
        """
        if self._is_over:
            raise ConnectionAbortedError("nobody waits for it any more")

    def _close_if_over(self) -> None:
        # Not under a thread that writes: its number may be another file's then.
        if self._is_over and not self._writers and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
