"""relay(stream, connection): bytes from one to the other, both ways, until both have ended."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from sagehen.cluster.streams import Stream

_PIECE_BYTES = 64 * 1024


async def relay(stream: Stream, connection: socket.socket) -> None:
    """Pass bytes on in both directions; closes the connection at the end. The socket is non-blocking."""
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
