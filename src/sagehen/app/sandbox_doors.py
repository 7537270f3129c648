"""The front door inside sandboxes' networks, as executors and services open it there."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from sagehen.executors.base import CloseDoor
from sagehen.gateway.pages import stack_signals

if TYPE_CHECKING:
    from sagehen.gateway.door.front_door import FrontDoor


class SandboxDoors:
    """Opens it on listeners; each returns what closes it.

    Attributes:
        front_door: Built after all who open it, so it is given later; none is opened before.
    """

    front_door: FrontDoor

    async def open(self, listener: socket.socket) -> CloseDoor:
        """Open it where other hosts may be reached, through it."""
        return await self._open(listener, network_isolated=False)

    async def open_isolated(self, listener: socket.socket) -> CloseDoor:
        """Open it without a way to other hosts."""
        return await self._open(listener, network_isolated=True)

    async def open_for_replies(self, listener: socket.socket) -> CloseDoor:
        """Open it by TLS, as the host where custom resources answer."""
        entrance = await self.front_door.serve_tls_socket(listener, stack_signals.HOST)

        async def close() -> None:
            entrance.close()
            await entrance.ended()

        return close

    async def _open(self, listener: socket.socket, *, network_isolated: bool) -> CloseDoor:
        server = await self.front_door.serve_socket(
            listener, from_sandbox=True, network_isolated=network_isolated
        )

        async def close() -> None:
            server.close()

        return close
