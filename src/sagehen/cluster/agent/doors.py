"""Doors of networks on a node: what comes to one goes to the platform, over the link that there is then."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

from sagehen.cluster.relay import relay
from sagehen.cluster.streams import Link
from sagehen.executors.base import CloseDoor, OpenDoor

_log = logging.getLogger(__name__)
_OPEN_TIMEOUT_S = 10.0
# The platform's own bound for one network, tunnels included.
_MOST_AT_ONCE = 256


class Doors:
    """Serves them.

    Args:
        link: Returns the link to the platform; None while there is none.
    """

    def __init__(self, link: Callable[[], Link | None]) -> None:
        self._link = link

    def door(self, network: str, port: int) -> OpenDoor:
        """Return what serves one door."""

        async def open_door(listener: socket.socket) -> CloseDoor:
            passing: set[asyncio.Task[None]] = set()
            accepting = asyncio.create_task(self._accept(listener, network, port, passing))

            async def close() -> None:
                accepting.cancel()
                for task in passing:
                    task.cancel()
                await asyncio.gather(accepting, *passing, return_exceptions=True)

            return close

        return open_door

    async def _accept(
        self, listener: socket.socket, network: str, port: int, passing: set[asyncio.Task[None]]
    ) -> None:
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError as error:  # no descriptor is left, say: those that are open go on
                _log.warning("a door of %s: %s", network, error)
                await asyncio.sleep(0.1)
                continue
            connection.setblocking(False)
            if len(passing) >= _MOST_AT_ONCE:
                connection.close()
                continue
            task = asyncio.create_task(self._pass(connection, network, port))
            passing.add(task)
            task.add_done_callback(passing.discard)

    async def _pass(self, connection: socket.socket, network: str, port: int) -> None:
        link = self._link()
        try:
            if link is None:
                return
            arguments = {"network": network, "port": port}
            stream = await link.open("door", arguments, timeout_s=_OPEN_TIMEOUT_S)
        except OSError:  # the link is lost, or it takes too long: whoever came sees a closed connection
            return
        else:
            await relay(stream, connection)
        finally:
            connection.close()
