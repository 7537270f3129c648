"""A TCP connection, passed on to a port of a machine: both ways, no faster than the slower side takes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from sagehen.domain.timeouts import timeout
from sagehen.services.ec2.hosts.host import Host
from sagehen.services.ec2.ssh.listener import reset

_PIECE_BYTES = 65536
_CONNECT_S = 10.0


async def pass_on(connection: socket.socket, known: Callable[[], None], host: Host, port: int) -> None:
    """Pass on until both sides have ended; reset where nobody listens inside. Everybody is known here."""
    known()
    try:
        async with timeout(_CONNECT_S):
            inside = await host.connect(port)
    except Exception:
        reset(connection)
        raise
    try:
        outside_in, outside_out = await asyncio.open_connection(sock=connection, limit=_PIECE_BYTES)
        inside_in, inside_out = await asyncio.open_connection(sock=inside, limit=_PIECE_BYTES)
    except BaseException:
        inside.close()
        raise
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_pump(outside_in, inside_out))
            both.create_task(_pump(inside_in, outside_out))
    except* OSError:
        pass
    finally:
        for writer in (outside_out, inside_out):
            writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE_BYTES):
        writer.write(piece)
        await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        await writer.drain()
        writer.write_eof()
