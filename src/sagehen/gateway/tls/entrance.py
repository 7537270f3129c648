"""The entrance for other machines: their connections become TLS before anything of the door sees them."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Callable
from functools import partial

from sagehen.domain.addresses import address_of
from sagehen.gateway.tls.arrivals import Arrivals
from sagehen.gateway.tls.certificates import ServerCertificate
from sagehen.gateway.tls.plain_answer import PlainAnswer

_log = logging.getLogger("sagehen.gateway")

_PAUSE_S = 0.1  # without descriptors, or the like
_HANDSHAKE_BYTE = 0x16  # RFC 8446, 5.1: the type of a record that belongs to a handshake
# Ours. From the connection on; a handshake needs one or two ways there and back.
HANDSHAKE_S = 10.0
_SHUTDOWN_S = 5.0
MOST_ARRIVALS = 256
MOST_ARRIVALS_OF_A_PEER = 64


class Entrance:
    """Serves a listener on which other machines connect. As much of an `asyncio.Server` as is needed of one.

    The first byte tells a handshake from plain HTTP, which is answered with what to do. To an address of
    loopback, which is this machine's alone (a listener on every address has that, too), plain HTTP may be
    spoken.

    Args:
        connect: Makes the protocol of a connection.
        connect_here: The same, of a plain one over loopback.
        listener: Listens, and does not block; owned from now on.
        certificate: What the door shows.
    """

    def __init__(
        self,
        connect: Callable[[], asyncio.Protocol],
        connect_here: Callable[[], asyncio.Protocol],
        listener: socket.socket,
        certificate: ServerCertificate,
    ) -> None:
        self._connect = connect
        self._connect_here = connect_here
        self._listener = listener
        self._certificate = certificate
        self._arrivals: Arrivals[asyncio.Task[None]] = Arrivals(MOST_ARRIVALS, MOST_ARRIVALS_OF_A_PEER)
        self._accepting = asyncio.create_task(self._accept(), name="the entrance for other machines")
        self._accepting.add_done_callback(lambda _: listener.close())

    def is_serving(self) -> bool:
        """Tell whether it still accepts."""
        return not self._accepting.done()

    def close(self) -> None:
        """Accept no more, and break off the handshakes. What is open stays open."""
        self._accepting.cancel()
        for arrival in self._arrivals.all():
            arrival.cancel()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(self._listener)
            except OSError as error:
                _log.warning("the entrance for other machines cannot accept: %s", error)
                await asyncio.sleep(_PAUSE_S)
                continue
            arrival = loop.create_task(self._receive(connection), name="a handshake")
            arrival.add_done_callback(partial(self._arrived, connection))
            leaving = self._arrivals.add(arrival, peer[0])
            if leaving is not None:
                leaving.cancel()

    async def _receive(self, connection: socket.socket) -> None:
        """Bring one connection in; whatever goes wrong with it is the client's affair."""
        until = time.monotonic() + HANDSHAKE_S
        try:
            first = await _first_byte(connection, until)
            if first is not None:
                await self._bring_in(connection, first, until)
        except (OSError, ssl.SSLError, TimeoutError) as error:
            _log.debug("a connection did not come in: %s", error)
        except Exception:
            _log.exception("a connection could not be brought in")

    async def _bring_in(self, connection: socket.socket, first: int, until: float) -> None:
        loop = asyncio.get_running_loop()
        secure = first == _HANDSHAKE_BYTE
        connect = self._connect
        if not secure:
            here = address_of(connection.getsockname()[0]).is_loopback
            connect = self._connect_here if here else PlainAnswer
        # From here on the descriptor is a transport's, which closes it, whatever happens: nobody else may.
        owned = socket.socket(fileno=connection.detach())
        if secure:
            await loop.connect_accepted_socket(
                connect,
                owned,
                ssl=self._certificate.context,
                ssl_handshake_timeout=max(0.1, until - time.monotonic()),
                ssl_shutdown_timeout=_SHUTDOWN_S,
            )
        else:
            await loop.connect_accepted_socket(connect, owned)

    def _arrived(self, connection: socket.socket, arrival: asyncio.Task[None]) -> None:
        """Close what no transport has got; a task may have been cancelled before it began."""
        self._arrivals.remove(arrival)
        connection.close()


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
