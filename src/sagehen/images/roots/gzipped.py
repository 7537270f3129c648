"""gunzipped(file): what a gzip file holds, in larger pieces than the standard library reads (8 KiB)."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import Any, BinaryIO

_TAKEN_BYTES = 256 * 1024
# zlib's: it reads gzip's header and trailer, and checks the trailer's sum.
_GZIP_WINDOW = 31


def gunzipped(file: BinaryIO) -> io.BufferedReader:
    """Read a file that is at its beginning.

    Its reads raise zlib.error, gzip.BadGzipFile, EOFError: It is damaged, or cut off.
    """
    return io.BufferedReader(_Reader(file), _TAKEN_BYTES)


class _Reader(io.RawIOBase):
    """Reads forward. Files of several members are one, as for gzip itself; zeros may follow the last."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._taken = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next, as far as one piece goes; 0 at the end."""
        while True:
            if self._member.eof and not self._next_member():
                return 0
            if not self._taken:
                self._taken = self._file.read(_TAKEN_BYTES)
            if not self._taken:
                raise EOFError("Compressed file ended before the end-of-stream marker was reached")
            data = self._member.decompress(self._taken, len(buffer))
            self._taken = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if data:
                buffer[: len(data)] = data
                return len(data)

    def _next_member(self) -> bool:
        """Begin the next member; False where there is none."""
        while not (rest := self._taken.lstrip(b"\0")):
            self._taken = self._file.read(_TAKEN_BYTES)
            if not self._taken:
                return False
        if rest[:1] != b"\x1f":
            raise gzip.BadGzipFile(f"Not a gzipped file ({rest[:2]!r})")
        self._taken = rest
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        return True
