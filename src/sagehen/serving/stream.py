"""ReplicaStream: an answer whose body is passed on while it comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from sagehen.serving.connection import ConnectionClosed, ReplicaConnection, ReplicaResponse

# Held in memory for a slow caller before the instance has to wait.
_MOST_HELD_BYTES = 1024 * 1024


class ReplicaStream:
    """One streamed answer. `close` it, or read it to its end.

    Args:
        connection: The connection that it comes over, its own until the end.

    Attributes:
        head: Status and headers; no body.
    """

    def __init__(self, connection: ReplicaConnection) -> None:
        self.head = ReplicaResponse()
        self._connection = connection
        self._parts: deque[bytes] = deque()
        self._held = 0
        self._whole = False
        self._failure: str | None = None
        self._news = asyncio.Event()
        self._on_close: list[Callable[[], None]] = []

    @property
    def may_be_kept(self) -> bool:
        """Whether the connection can serve another request."""
        return self._whole and self.head.keep_alive

    def call_on_close(self, function: Callable[[], None]) -> None:
        self._on_close.append(function)

    def close(self) -> None:
        """Give back what it holds. May be called twice."""
        if self._whole:
            self._connection.hold(False)  # it goes back to the pool
        else:
            self._connection.close()
        called, self._on_close = self._on_close, []
        for function in called:
            function()

    def __del__(self) -> None:
        self.close()  # the caller broke off before the first part was asked for

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives.

        Raises:
            ConnectionClosed: It broke off.
        """
        try:
            while True:
                while self._parts:
                    data = self._parts.popleft()
                    self._held -= len(data)
                    if self._held < _MOST_HELD_BYTES // 2:
                        self._connection.hold(False)
                    yield data
                if self._failure is not None:
                    raise ConnectionClosed(self._failure, began=True)
                if self._whole:
                    return
                self._news.clear()
                await self._news.wait()
        finally:
            self.close()

    # --- told by the connection ----------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        self._parts.append(data)
        self._held += len(data)
        if self._held > _MOST_HELD_BYTES:
            self._connection.hold(True)
        self._news.set()

    def finish(self) -> None:
        self._whole = True
        self._news.set()

    def fail(self, reason: str) -> None:
        self._failure = reason
        self._news.set()
