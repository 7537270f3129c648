"""relay(stream, connection): bytes from one to the other, both ways, until both have ended."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import cast

from sagehen.cluster.streams import DirectStream, Stream

_PIECE_BYTES = 64 * 1024


async def relay(stream: Stream, connection: socket.socket) -> None:
    """Pass bytes on in both directions; closes the connection at the end. The socket is non-blocking."""
    if isinstance(stream, DirectStream):
        await _relay_directly(stream, connection)
        return
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_out(stream, connection))
            group.create_task(_in(stream, connection))
    except* OSError:  # either end has gone: the other one hears of it
        stream.reset("the other end has gone")
    finally:
        connection.close()


async def _out(stream: Stream, connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    while data := await loop.sock_recv(connection, _PIECE_BYTES):
        await stream.send(data)
    await stream.finish()


async def _in(stream: Stream, connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    while data := await stream.receive():
        await loop.sock_sendall(connection, data)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


async def _relay_directly(stream: DirectStream, connection: socket.socket) -> None:
    passing = _Passing(stream)
    # The transport closes it, whatever happens.
    detached = socket.socket(fileno=connection.detach())
    try:
        await asyncio.get_running_loop().connect_accepted_socket(lambda: passing, detached)
        await passing.over.wait()
    except OSError:
        stream.reset("the other end has gone")
    finally:
        await passing.end()


class _Passing(asyncio.Protocol):
    """The connection's end: what comes is passed on in the same turn of the loop, where nobody must wait.

    Attributes:
        over: Set when both directions have ended.
    """

    def __init__(self, stream: DirectStream) -> None:
        self.over = asyncio.Event()
        self._stream = stream
        self._transport: asyncio.Transport | None = None
        self._is_full = False  # the connection reads nothing now
        self._sending: asyncio.Task[None] | None = None
        self._ended_here = self._ended_there = False

    async def end(self) -> None:
        """Pass nothing on any more."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        if not (self._ended_here and self._ended_there):
            self._stream.reset("the other end has gone")
            if self._transport is not None:
                self._transport.abort()
        elif self._transport is not None:
            self._transport.close()

    # From the connection to the stream.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with what came before."""
        self._transport = cast(asyncio.Transport, transport)
        self._stream.listen(self._came)
        self._came()

    def data_received(self, data: bytes) -> None:
        """Pass it on; what has to wait, waits in a task, and nothing more is read meanwhile."""
        try:
            if self._sending is not None or not self._stream.put(data):
                self._send_later(data)
        except OSError:
            self.over.set()

    def eof_received(self) -> bool:
        """Say that nothing more comes; the other direction goes on."""
        self._send_later(b"")
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone; whatever was under way."""
        self.over.set()

    def _send_later(self, data: bytes) -> None:
        assert self._transport is not None
        if data and not self._transport.is_closing():
            self._transport.pause_reading()
        self._sending = asyncio.create_task(self._send(self._sending, data))

    async def _send(self, before: asyncio.Task[None] | None, data: bytes) -> None:
        assert self._transport is not None
        if before is not None:
            await before
        try:
            if data:
                await self._stream.send(data)
            else:
                await self._stream.finish()
                self._ended_here = True
                if self._ended_there:
                    self.over.set()
        except OSError:
            self.over.set()
            return
        if self._sending is asyncio.current_task():
            self._sending = None
            if data and not self._transport.is_closing():
                self._transport.resume_reading()

    # From the stream to the connection.

    def pause_writing(self) -> None:
        """Take nothing more of the stream: its sender waits as well."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Go on."""
        self._is_full = False
        self._came()

    def _came(self) -> None:
        assert self._transport is not None
        try:
            while not self._is_full and not self._ended_there and (data := self._stream.take()) is not None:
                if data:
                    self._transport.write(data)
                    continue
                self._ended_there = True
                if not self._transport.is_closing():
                    self._transport.write_eof()
                if self._ended_here:
                    self.over.set()
        except OSError:
            self.over.set()
