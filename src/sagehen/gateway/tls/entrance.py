"""The entrance by TLS: connections become TLS before anything of the door sees them."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable

from sagehen.cluster.links.reception import Reception, detached
from sagehen.domain.addresses import address_of
from sagehen.gateway.tls.plain_answer import PlainAnswer

_HANDSHAKE_BYTE = 0x16  # RFC 8446, 5.1: the type of a record that belongs to a handshake
_SHUTDOWN_S = 5.0


class Entrance(Reception):
    """Serves a listener on which other machines connect, or programs that know HTTPS alone.

    The first byte tells a handshake from plain HTTP, which is answered with what to do. To an address
    of loopback, which is this machine's alone (a listener on every address has that, too), plain HTTP may be
    spoken.

    Args:
        connect: Makes the protocol of a connection.
        connect_here: The same, of a plain one over loopback.
        listener: Listens, and does not block; owned from now on.
        context: What the door shows to the next one.
        name: Of its task.
    """

    def __init__(
        self,
        connect: Callable[[], asyncio.Protocol],
        connect_here: Callable[[], asyncio.Protocol],
        listener: socket.socket,
        context: Callable[[], Awaitable[ssl.SSLContext]],
        *,
        name: str,
    ) -> None:
        super().__init__(listener, self._admit, name=name)
        self._connect = connect
        self._connect_here = connect_here
        self._context = context

    async def _admit(self, connection: socket.socket, until: float) -> None:
        loop = asyncio.get_running_loop()
        first = await _first_byte(connection, until)
        if first is None:
            return
        if first == _HANDSHAKE_BYTE:
            context = await self._context()
            await loop.connect_accepted_socket(
                self._connect,
                detached(connection),
                ssl=context,
                ssl_handshake_timeout=max(0.1, until - time.monotonic()),
                ssl_shutdown_timeout=_SHUTDOWN_S,
            )
            return
        here = address_of(connection.getsockname()[0]).is_loopback
        await loop.connect_accepted_socket(self._connect_here if here else PlainAnswer, detached(connection))


async def _first_byte(connection: socket.socket, until: float) -> int | None:
    """Wait for a connection's first byte and leave it there; None where the client goes, or says nothing."""
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(connection, tell)
    try:
        done, _ = await asyncio.wait([readable], timeout=max(0.0, until - time.monotonic()))
    finally:
        loop.remove_reader(connection)
    if not done:
        return None
    first = connection.recv(1, socket.MSG_PEEK)
    return first[0] if first else None
