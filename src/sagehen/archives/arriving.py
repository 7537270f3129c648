"""Arriving: a file that comes piece by piece, as a thread reads it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

from sagehen.archives.bounds import Patience

_SKIP_BYTES = 1024 * 1024


class Arriving(io.RawIOBase):
    """Forwards only. Closing it closes nothing of where it comes from.

    Args:
        pieces: Asked for in the event loop, while a thread waits.
        loop: That one.
        patience: Of who reads it: what decompresses it may go through all of it and return nothing.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop, patience: Patience
    ) -> None:
        self._pieces = pieces
        self._loop = loop
        self._patience = patience
        self._left = memoryview(b"")
        self._at = 0

    def readable(self) -> bool:
        """See `io.IOBase`."""
        return True

    def seekable(self) -> bool:
        """See `io.IOBase`; forwards."""
        return True

    def tell(self) -> int:
        """See `io.IOBase`."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go forward, by reading.

        Raises:
            OSError: Backwards, or as seen from the end.
        """
        if whence == io.SEEK_CUR:
            offset += self._at
        if whence == io.SEEK_END or offset < self._at:
            raise io.UnsupportedOperation("it comes forwards only")
        while self._at < offset and self.read(min(offset - self._at, _SKIP_BYTES)):
            pass
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """See `io.RawIOBase`."""
        self._patience.check()
        if not self._left:
            asked = asyncio.run_coroutine_threadsafe(self._next(), self._loop)
            self._left = memoryview(asked.result())
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._left))
        target[:count] = self._left[:count]
        self._left = self._left[count:]
        self._at += count
        return count

    async def _next(self) -> bytes:
        async for piece in self._pieces:
            if piece:
                return piece
        return b""
