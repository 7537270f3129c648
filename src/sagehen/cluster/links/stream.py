"""One stream of a link."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from sagehen.cluster.links.frames import MOST_REASON_BYTES, PIECE_BYTES, Kind, frame
from sagehen.cluster.links.windows import FIRST_BYTES, Shared, Window
from sagehen.cluster.streams import LinkLost, StreamRefused

# A peer that sends byte after byte must not make an object of each.
_SMALL_BYTES = 4096
_JOINED_BYTES = 16 * 1024


class Carrier(Protocol):
    """What a stream needs of its link."""

    def write(self, data: bytes) -> None:
        """Write a frame that needs no turn."""

    def write_now(self, stream: int, data: bytes) -> bool:
        """Write a short piece of data, if it need not wait for a turn; LinkLost where the link is gone."""

    async def write_data(self, stream: int, data: memoryview) -> None:
        """Write a piece of data when its turn has come; LinkLost where the link is gone."""

    def forget(self, number: int) -> None:
        """Take a stream for over."""


class LinkStream:
    """Bytes in order, both ways. Not for two tasks that send, or two that receive, at the same time.

    Args:
        link: What it goes over.
        number: Its own in that link.
        shared: The link's memory for windows.
    """

    def __init__(self, link: Carrier, number: int, shared: Shared) -> None:
        self.number = number
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._link = link
        self._window = Window(shared)
        self._held: deque[bytes | bytearray] = deque()
        self._credit = FIRST_BYTES
        self._finished = False  # by us
        self._ended = False  # by the far side
        self._failure: Exception | None = None
        self._changed = asyncio.Event()  # something came to read, or the stream is over
        self._may_send = asyncio.Event()
        self._listener: Callable[[], None] | None = None

    def listen(self, listener: Callable[[], None]) -> None:
        """See `DirectStream`."""
        self._listener = listener

    def put(self, data: bytes) -> bool:
        """See `DirectStream`."""
        self._check()
        if len(data) > self._credit or not self._link.write_now(self.number, data):
            return False
        self._credit -= len(data)
        return True

    async def send(self, data: bytes) -> None:
        """Send; waits while the far side does not receive.

        Raises:
            LinkLost, StreamRefused
        """
        view = memoryview(data).cast("B")
        while view:
            while not self._credit and self._failure is None:
                self._may_send.clear()
                await self._may_send.wait()
            self._check()
            count = min(len(view), self._credit, PIECE_BYTES)
            self._credit -= count
            await self._link.write_data(self.number, view[:count])
            view = view[count:]
        self._check()

    async def receive(self) -> bytes:
        """Return what came next; b"" once the far side has finished.

        Raises:
            LinkLost, StreamRefused
        """
        while (data := self.take()) is None:
            self._changed.clear()
            await self._changed.wait()
        return data

    def take(self) -> bytes | None:
        """See `DirectStream`."""
        if not self._held:
            if self._failure is not None:
                raise self._failure
            return b"" if self._ended else None
        data = bytes(self._held.popleft())
        if not self._ended and self._failure is None:
            told = self._window.read(len(data), waiting=not self._held)
            if told:
                self._link.write(frame(Kind.CREDIT, self.number, told.to_bytes(4, "big")))
        return data

    async def finish(self) -> None:
        """Say that nothing more comes from here."""
        if self._finished or self._failure is not None:
            return
        self._finished = True
        self._link.write(frame(Kind.FINISH, self.number))
        self._leave_if_over()

    def reset(self, reason: str) -> None:
        """End both directions at once. May be called twice, and after the end."""
        if self._failure is None and not self._is_over:
            text = reason.encode("utf-8", "replace")[:MOST_REASON_BYTES]
            self._link.write(frame(Kind.RESET, self.number, text))
            self._held.clear()
            self.fail(StreamRefused(reason))

    @property
    def _is_over(self) -> bool:
        return self._finished and self._ended

    @property
    def is_over(self) -> bool:
        """Whether both sides have finished, or it has failed."""
        return self._is_over or self._failure is not None

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._finished:
            raise StreamRefused("nothing more was to come from here")

    def _leave_if_over(self) -> None:
        if self._is_over:
            self._window.close()
            self._link.forget(self.number)

    # What the link tells it.

    def came(self, data: bytes) -> bool:
        """Take data; False where more came than was allowed, or after the end."""
        if self._ended or not self._window.take(len(data)):
            return False
        last = self._held[-1] if self._held else None
        if len(data) >= _SMALL_BYTES:
            self._held.append(data)
        elif isinstance(last, bytearray) and len(last) < _JOINED_BYTES:
            last += data
        else:
            self._held.append(bytearray(data))
        self._tell()
        return True

    def ended(self) -> None:
        """The far side has finished."""
        self._ended = True
        self._tell()
        self._leave_if_over()

    def allowed(self, count: int) -> bool:
        """The far side takes so many bytes more; False where that is more than can be."""
        self._credit += count
        self._may_send.set()
        return self._credit < 2**32

    def fail(self, error: Exception) -> None:
        """It is over: what waits is told, and what has come may still be read."""
        if self._failure is None:
            self._failure = error
            self._window.close()
            self._link.forget(self.number)
            self._tell()
            self._may_send.set()
            if not self.opened.done():
                self.opened.set_exception(error)
                self.opened.exception()  # perhaps nobody waits for it

    def _tell(self) -> None:
        self._changed.set()
        if self._listener is not None:
            self._listener()


def lost() -> LinkLost:
    """Return what every stream of a lost link fails with."""
    return LinkLost("the connection to the other machine is gone")
