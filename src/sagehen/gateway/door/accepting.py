"""Accepting: serves a listener whose connections have to be made by itself, not by the event loop."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

from sagehen.gateway.connections.connection import Connection

_log = logging.getLogger(__name__)

_PAUSE_S = 0.1  # without descriptors, or the like


class Accepting:
    """As much of an `asyncio.Server` as is needed of one.

    Args:
        connect: Makes the protocol of a connection.
        listener: Listens, and does not block; owned from now on.
    """

    def __init__(self, connect: Callable[[], Connection], listener: socket.socket) -> None:
        self._connect = connect
        self._listener = listener
        self._accepting = asyncio.create_task(self._accept(), name="a counted door")
        self._accepting.add_done_callback(lambda _: listener.close())

    def is_serving(self) -> bool:
        """Tell whether it still accepts."""
        return not self._accepting.done()

    def close(self) -> None:
        """Accept no more. What is open stays open."""
        self._accepting.cancel()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                _log.warning("a door cannot accept: %s", error)
                await asyncio.sleep(_PAUSE_S)
                continue
            try:
                await loop.connect_accepted_socket(self._connect, connection)
            except OSError:  # it has gone again
                connection.close()
            except BaseException:
                connection.close()
                raise
