"""RemoteSockets: Unix sockets on this disk that lead to those of a sandbox on a node."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from pathlib import Path

from sagehen.cluster.executor.node import Node
from sagehen.cluster.orders import place_of
from sagehen.cluster.relay import relay
from sagehen.cluster.unix_sockets import listen
from sagehen.executors.base import SandboxSpec

_log = logging.getLogger(__name__)


class RemoteSockets:
    """Listens at the places of a sandbox's sockets, from its start to its end."""

    def __init__(self, node: Node, spec: SandboxSpec) -> None:
        self._node = node
        self._spec = spec
        self._listeners: dict[Path, socket.socket] = {}
        self._accepting: list[asyncio.Task[None]] = []
        self._passing: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Listen from now on."""
        for place in self._spec.sockets:
            listener = self._listeners[place] = listen(place)
            number, below = place_of(self._spec, place)
            arguments = {"name": self._spec.name, "tree": number, "path": below}
            self._accepting.append(asyncio.create_task(self._accept(listener, arguments)))

    async def close(self) -> None:
        """Listen no more; connections that are open end."""
        for task in (*self._accepting, *self._passing):
            task.cancel()
        await asyncio.gather(*self._accepting, *self._passing, return_exceptions=True)
        for place, listener in self._listeners.items():
            listener.close()
            with contextlib.suppress(OSError):
                place.unlink()

    async def _accept(self, listener: socket.socket, arguments: dict[str, object]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError as error:
                _log.warning("%s: %s", self._spec.name, error)
                await asyncio.sleep(0.1)
                continue
            connection.setblocking(False)
            task = asyncio.create_task(self._pass(connection, arguments))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(self, connection: socket.socket, arguments: dict[str, object]) -> None:
        try:
            stream = await self._node.open_now("socket", arguments)
            if await stream.receive() != b"+":
                stream.reset("nobody listens")
                return
        except OSError:  # nobody listens there yet, or the node is not to be reached: who came sees it closed
            return
        else:
            await relay(stream, connection)
        finally:
            connection.close()
