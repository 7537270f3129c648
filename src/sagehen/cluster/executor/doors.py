"""RemoteDoors: doors of networks that are on nodes. What comes from a node goes to who serves the door here.

Each door has a Unix socket in a folder of the platform's own, which serves it as any listener in a network.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagehen.cluster.relay import relay
from sagehen.cluster.streams import Stream
from sagehen.cluster.unix_sockets import listen, short
from sagehen.executors.base import CloseDoor, Network, OpenDoor, SandboxUnavailable


@dataclass(slots=True)
class _Open:
    members: int = 0
    sockets: dict[int, Path] = field(default_factory=dict)
    closers: list[CloseDoor] = field(default_factory=list)


class RemoteDoors:
    """Opens them with a network's first sandbox, and closes them with its last.

    Args:
        folder: Theirs.
        platform_port: The port of the platform's door in every network.
        open_door: Serves the platform's door.
    """

    def __init__(self, folder: Path, platform_port: int, open_door: OpenDoor) -> None:
        self._folder = folder
        self._platform_port = platform_port
        self._open_door = open_door
        # By network and node: one that is on several has its doors on each.
        self._open: dict[tuple[str, str], _Open] = {}
        self._changing = asyncio.Lock()

    def node_of(self, network: str) -> str | None:
        """Return the node that a network is on, of several the first; None: on none."""
        return next((node for name, node in self._open if name == network), None)

    async def join(self, network: Network, node_id: str) -> list[int]:
        """Count one member more; return the ports of the network's doors.

        Raises:
            SandboxUnavailable: It is on another node.
        """
        async with self._changing:
            there = self.node_of(network.name)
            if there not in (None, node_id) and not network.places:
                raise SandboxUnavailable(
                    f"The network {network.name} is on {there}; it cannot reach to {node_id} as well."
                )
            found = self._open.get((network.name, node_id))
            if found is None:
                found = self._open[network.name, node_id] = await self._make(network)
            found.members += 1
            return list(found.sockets)

    async def leave(self, name: str, node_id: str) -> None:
        """Count one member less."""
        async with self._changing:
            found = self._open[name, node_id]
            found.members -= 1
            if found.members == 0:
                del self._open[name, node_id]
                await _close(found)

    async def serve(self, node_id: str, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Take a connection that came to a door on a node."""
        # A node reaches the doors of what runs on it, and no others.
        found = self._open.get((str(arguments.get("network")), node_id))
        place = None if found is None else found.sockets.get(int(arguments.get("port", 0)))
        if found is None or place is None:
            stream.reset("no such door")
            return
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            with short(place) as address:
                await asyncio.get_running_loop().sock_connect(connection, address)
        except OSError as error:
            connection.close()
            stream.reset(str(error))
            return
        await relay(stream, connection)

    async def close(self) -> None:
        """Close all."""
        async with self._changing:
            for each in list(self._open):
                await _close(self._open.pop(each))

    async def _make(self, network: Network) -> _Open:
        doors = dict(network.doors)
        if network.platform_door:
            doors[self._platform_port] = self._open_door
        made = _Open()
        try:
            for port, open_door in doors.items():
                place = self._folder / secrets.token_hex(8)
                listener = listen(place)
                made.sockets[port] = place
                made.closers.append(await open_door(listener))
        except BaseException:
            await _close(made)
            raise
        return made


async def _close(opened: _Open) -> None:
    for close_door in opened.closers:
        await close_door()
    for place in opened.sockets.values():
        place.unlink(missing_ok=True)
