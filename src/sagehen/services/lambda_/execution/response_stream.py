"""ResponseStream: an answer that reaches the client while the function still runs. Never held as a whole.

    runtime ──POST …/response, chunked──▶ feed ──(at most 128 KiB and one read)──▶ pieces ──▶ client

Who feeds it is told to wait while that much lies unread: that is the back pressure which a function feels.
Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

# Documented: Lambda quotas, "200 MB" of a streamed response. AWS sends the first 6 MB as fast as it can and
# the rest at 2 MB/s; here there is no such cap.
MOST_BYTES = 200 * 1024 * 1024
# What may wait here before the runtime is made to.
_HELD_BYTES = 128 * 1024


def _nothing() -> None:
    return None


class ResponseStream:
    """One answer in pieces.

    It may never begin: functions that do not stream answer as a whole, and leave it alone.

    Attributes:
        content_type: As the runtime calls the answer; known once it has begun.
        executed_version: Of the function that answers; known once it has begun.
    """

    def __init__(self) -> None:
        self.content_type = ""
        self.executed_version = ""
        self._has_begun = False
        self._pieces: deque[bytes] = deque()
        self._held_bytes = 0
        self._is_closed = False
        self._is_abandoned = False
        self._news = asyncio.Event()
        self._on_room: Callable[[], None] = _nothing

    @property
    def has_begun(self) -> bool:
        """Whether the runtime answers in pieces."""
        return self._has_begun

    # --- the runtime's side ----------------------------------------------------------------------

    def begin(self, content_type: str, on_room: Callable[[], None]) -> None:
        """Note that the answer comes in pieces.

        Args:
            content_type: Of the whole.
            on_room: Called when more may be fed after `feed` said that it is enough.
        """
        self.content_type = content_type
        self._on_room = on_room
        self._has_begun = True
        self._news.set()

    def feed(self, piece: bytes) -> bool:
        """Take a piece; returns whether the runtime must wait until there is room again.

        What nobody waits for any more is dropped: no function is stopped when its client leaves (documented).
        """
        if self._is_abandoned or self._is_closed:
            return False
        self._pieces.append(piece)
        self._held_bytes += len(piece)
        self._news.set()
        return self._held_bytes >= _HELD_BYTES

    def close(self) -> None:
        """Note that nothing more comes, for whatever reason. Known to whoever reads after the last piece."""
        self._is_closed = True
        self._on_room()  # a connection that nobody reads would not notice its end
        self._on_room = _nothing
        self._news.set()

    # --- the client's side -----------------------------------------------------------------------

    async def opened(self) -> bool:
        """Wait for the beginning; False where the invocation ended without one."""
        await self._news.wait()
        return self._has_begun

    async def next(self) -> bytes:
        """Return what has come since the last call, as soon as something has; b"" once it is closed."""
        while not self._pieces and not self._is_closed:
            self._news.clear()
            await self._news.wait()
        piece = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._held_bytes = 0
        self._on_room()
        return piece

    def abandon(self) -> None:
        """Nobody reads any more."""
        self._is_abandoned = True
        self._pieces.clear()
        self._on_room()


class Pieces:
    """Reads a stream to its end, once. Whoever lets go of it abandons the rest, also without having begun:
    unlike a generator, it knows."""

    def __init__(self, stream: ResponseStream) -> None:
        self._stream = stream

    def __aiter__(self) -> Pieces:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._stream.next()
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Stop reading."""
        self._stream.abandon()

    def __del__(self) -> None:
        self._stream.abandon()
