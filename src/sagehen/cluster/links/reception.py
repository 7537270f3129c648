"""Reception: accepts connections and brings each in by a task of its own, so many at once and no more."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from functools import partial

from sagehen.domain.arrivals import Arrivals

_log = logging.getLogger(__name__)

_PAUSE_S = 0.1  # without descriptors, or the like
# Ours. From the connection on; a handshake needs one or two ways there and back.
HANDSHAKE_S = 10.0
MOST_ARRIVALS = 256
MOST_ARRIVALS_OF_A_PEER = 64


class Reception:
    """As much of an `asyncio.Server` as is needed of one.

    Args:
        listener: Listens, and does not block; owned from now on.
        bring_in: Makes a transport of a connection, until a time (`time.monotonic`); it detaches the socket
            before it gives the descriptor to the loop, and what is not detached is closed here. Its failures
            are the client's affair.
        name: Of the task.
    """

    def __init__(
        self,
        listener: socket.socket,
        bring_in: Callable[[socket.socket, float], Awaitable[None]],
        *,
        name: str,
    ) -> None:
        self._listener = listener
        self._bring_in = bring_in
        self._name = name
        self._arrivals: Arrivals[asyncio.Task[None]] = Arrivals(MOST_ARRIVALS, MOST_ARRIVALS_OF_A_PEER)
        self._accepting = asyncio.create_task(self._accept(), name=name)
        self._accepting.add_done_callback(lambda _: listener.close())

    def is_serving(self) -> bool:
        """Tell whether it still accepts."""
        return not self._accepting.done()

    def close(self) -> None:
        """Accept no more, and break off the handshakes. What is open stays open."""
        self._accepting.cancel()
        for arrival in self._arrivals.all():
            arrival.cancel()

    async def ended(self) -> None:
        """Wait, after `close`, until nothing listens any more: its number may be another's from then on."""
        await asyncio.wait([self._accepting])

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, peer = await loop.sock_accept(self._listener)
            except OSError as error:
                _log.warning("%s cannot accept: %s", self._name, error)
                await asyncio.sleep(_PAUSE_S)
                continue
            arrival = loop.create_task(self._receive(connection), name="a handshake")
            arrival.add_done_callback(partial(self._arrived, connection))
            leaving = self._arrivals.add(arrival, peer[0])
            if leaving is not None:
                leaving.cancel()

    async def _receive(self, connection: socket.socket) -> None:
        try:
            await self._bring_in(connection, time.monotonic() + HANDSHAKE_S)
        except (OSError, ssl.SSLError, TimeoutError) as error:
            _log.debug("a connection did not come in: %s", error)
        except Exception:
            _log.exception("a connection could not be brought in")

    def _arrived(self, connection: socket.socket, arrival: asyncio.Task[None]) -> None:
        """Close what no transport has got; a task may have been cancelled before it began."""
        self._arrivals.remove(arrival)
        connection.close()


def detached(connection: socket.socket) -> socket.socket:
    """Return a socket for a transport, which closes it whatever happens: nobody else may from here on."""
    return socket.socket(fileno=connection.detach())
