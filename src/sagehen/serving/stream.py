"""ReplicaStream: an answer whose body is passed on while it comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from sagehen.serving.connection import ConnectionClosed, ReplicaConnection, ReplicaResponse

# Held in memory for a slow caller before the instance has to wait.
_MOST_HELD_BYTES = 1024 * 1024


class Inbox:
    """What arrived and was not asked for yet; the connection's side of a stream."""

    def __init__(self, connection: ReplicaConnection) -> None:
        self.head = ReplicaResponse()
        self.connection = connection
        self.parts: deque[bytes] = deque()
        self.held = 0
        self.whole = False
        self.failure: str | None = None
        self.news = asyncio.Event()

    @property
    def may_be_kept(self) -> bool:
        """Whether the connection can serve another request."""
        return self.whole and self.head.keep_alive

    def feed(self, data: bytes) -> None:
        """Keep a piece; beyond 1 MiB that nobody has asked for the instance has to wait."""
        self.parts.append(data)
        self.held += len(data)
        if self.held > _MOST_HELD_BYTES:
            self.connection.hold(True)
        self.news.set()

    def finish(self) -> None:
        """Take note that the answer is whole; what is held can still be taken."""
        self.whole = True
        self.news.set()

    def fail(self, reason: str) -> None:
        """Take note that the answer broke off; what is held can still be taken."""
        self.failure = reason
        self.news.set()

    def take(self) -> bytes:
        """Return the oldest piece; below half a MiB the instance may go on. There must be one."""
        data = self.parts.popleft()
        self.held -= len(data)
        if self.held < _MOST_HELD_BYTES // 2:
            self.connection.hold(False)
        return data


class ReplicaStream:
    """One streamed answer. `close` it, or read it to its end, or forget it.

    Nothing but its caller refers to it, so that one who goes away before the first part was asked for
    does not keep the slot: `on_close` must not refer to it either.

    Args:
        inbox: Fed by the connection.
    """

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._on_close: list[Callable[[], None]] = []

    @property
    def head(self) -> ReplicaResponse:
        """Status and headers; no body."""
        return self._inbox.head

    @property
    def held_bytes(self) -> int:
        return self._inbox.held

    def call_on_close(self, function: Callable[[], None]) -> None:
        """Have a function called once, when the stream is closed. It must not refer to the stream."""
        self._on_close.append(function)

    def close(self) -> None:
        """Give back what it holds. May be called twice."""
        if not self._on_close:
            return
        if self._inbox.whole:
            self._inbox.connection.hold(False)  # it goes back to the pool
        else:
            self._inbox.connection.close()
        called, self._on_close = self._on_close, []
        for function in called:
            function()

    def __del__(self) -> None:
        self.close()

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives.

        Raises:
            ConnectionClosed: It broke off.
        """
        inbox = self._inbox
        try:
            while True:
                while inbox.parts:
                    yield inbox.take()
                if inbox.failure is not None:
                    raise ConnectionClosed(inbox.failure, began=True)
                if inbox.whole:
                    return
                inbox.news.clear()
                await inbox.news.wait()
        finally:
            self.close()
