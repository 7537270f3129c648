"""Private loopback networks, one per `Network.name`, shared by the sandboxes that name it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from sagehen.executors.base import CloseDoor, Network, OpenDoor, SandboxUnavailable
from sagehen.executors.network.maker import Guest, Maker
from sagehen.executors.wire import DEVICE, MTU, NETMASK

_log = logging.getLogger(__name__)
# Not while the start that used a spare up still needs the processor.
_REFILL_AFTER_S = 0.05
# Sockets are made by a process that is forked for it, some 2 ms: who connects often has more made at once.
_MOST_SOCKETS = 16

__all__ = ["CloseDoor", "Networks", "OpenDoor"]


@dataclass(slots=True)
class _Open:
    """A network in use. The descriptors keep it alive: no process does.

    Args:
        makers: Who can make sockets in it.
    """

    makers: list[Maker]
    fds: list[int]
    listeners: list[socket.socket] = field(default_factory=list)
    close_doors: list[CloseDoor] = field(default_factory=list)
    members: int = 0
    sockets: list[socket.socket] = field(default_factory=list)
    sockets_made: int = 0
    closed: bool = False


class Networks:
    """Makes networks on first use and frees each with its last member.

    Args:
        maker: The warm parent that makes the namespaces; None: each member brings one along.
        open_door: Serves the platform's front door on a listener.
        platform_port: Where the front door answers inside, as outside.
    """

    def __init__(self, maker: Maker | None, open_door: OpenDoor | None, platform_port: int) -> None:
        self._maker = maker
        self._open_door = open_door
        self._platform_port = platform_port
        self._open: dict[str, _Open] = {}
        self._changing: dict[str, asyncio.Lock] = {}
        self._spare_ports: tuple[int, ...] = ()
        self._spares_wanted = 0
        self._spares: list[_Open] = []
        self._refilling: asyncio.Task[None] | None = None

    async def keep(self, door_ports: Sequence[int], count: int) -> None:
        """Have `count` networks with these doors and the platform's made ahead from now on."""
        platform = () if self._open_door is None else (self._platform_port,)
        self._spare_ports, self._spares_wanted = (*door_ports, *platform), count
        await self._refill(0)

    async def _refill(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        while len(self._spares) < self._spares_wanted:
            assert self._maker is not None
            made = await self._maker.make_network(self._spare_ports)
            self._spares.append(_Open([self._maker], *made))

    def _refill_soon(self) -> None:
        if self._refilling is None or self._refilling.done():
            self._refilling = asyncio.create_task(self._refill_quietly(), name="spare networks")

    async def _refill_quietly(self) -> None:
        try:
            await self._refill(_REFILL_AFTER_S)
        except (SandboxUnavailable, OSError) as error:  # the next network is made when it is needed
            _log.warning("no spare networks: %s", error)

    async def join(self, network: Network, brought: Guest | None = None) -> list[int]:
        """Count one member more and return the namespace's descriptors, [net] or [net, user].

        They stay the network's: pass them on, do not close them.

        Args:
            brought: Whom the member brings along; it is in the network then.

        Raises:
            SandboxUnavailable: The kernel refuses network namespaces.
        """
        async with self._alone(network.name):
            found = self._open.get(network.name)
            if found is None:
                found = await self._make(network, brought or self._maker)
                self._open[network.name] = found
            elif brought is not None:
                await brought.enter(found.fds[0])
                found.makers.append(brought)
            found.members += 1
            return found.fds

    async def leave(self, name: str, brought: Guest | None = None) -> None:
        """Count one member less; the last one frees the network and closes the door in it."""
        async with self._alone(name):
            found = self._open.get(name)
            if found is None:
                return
            if brought in found.makers:
                found.makers.remove(brought)
            found.members -= 1
            if found.members == 0:
                del self._open[name]
                await _close(found)

    @contextlib.asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """Change one network at a time. Its lock goes with it: who waited for that takes the next one."""
        while True:
            lock = self._changing.setdefault(name, asyncio.Lock())
            async with lock:
                if self._changing.get(name) is not lock:
                    continue
                try:
                    yield
                finally:
                    if name not in self._open:
                        del self._changing[name]
                return

    async def close(self) -> None:
        """Free every network and what was kept ready. Their members have ended."""
        self._spares_wanted = 0
        if self._refilling is not None:
            self._refilling.cancel()
            await asyncio.gather(self._refilling, return_exceptions=True)
        while self._spares:
            await _close(self._spares.pop())
        for name in list(self._open):
            await _close(self._open.pop(name))

    def __contains__(self, name: str) -> bool:
        return name in self._open

    async def connect(self, name: str, address: tuple[str, int]) -> socket.socket:
        """Return a non-blocking TCP socket connected to `address` inside an open network.

        Raises:
            OSError: Nobody listens there, or no such network is open.
        """
        found = self._open.get(name)
        if found is None:
            raise ConnectionRefusedError(f"No sandbox is on the network {name!r}.")
        made = await self._socket(found)
        try:
            await asyncio.get_running_loop().sock_connect(made, address)
        except BaseException:
            made.close()
            raise
        return made

    async def _socket(self, found: _Open) -> socket.socket:
        """Return a socket in a network: 1 is made at first, then 2, 4, ... at once."""
        if found.sockets:
            return found.sockets.pop()
        count = min(max(1, found.sockets_made), _MOST_SOCKETS)
        if not found.makers:
            raise ConnectionRefusedError("The sandbox that had this network is gone.")
        made = await found.makers[-1].make_sockets(found.fds, count)
        found.sockets_made += len(made)
        wanted = made.pop()
        if not found.closed and not found.sockets:
            found.sockets, made = made, []
        for one in made:  # the network went meanwhile, or somebody else had some made
            one.close()
        return wanted

    async def _make(self, network: Network, maker: Maker | None) -> _Open:
        assert maker is not None, "nobody is there to make a network"
        doors = dict(network.doors)
        if network.platform_door and self._open_door is not None:
            doors[self._platform_port] = self._open_door
        far = network.far_doors
        if self._spares and tuple(doors) == self._spare_ports and not network.addresses and not far:
            made = self._spares.pop()
            self._refill_soon()
        else:
            made = _Open([maker], *await maker.make_network(tuple(doors), network.addresses, tuple(far)))
        if network.traffic is not None and self._platform_port in doors:
            at = list(doors).index(self._platform_port)
            made.listeners[at] = network.traffic.listener(made.listeners[at])
        try:
            for listener, open_door in zip(made.listeners, (*doors.values(), *far.values()), strict=True):
                listener.setblocking(False)
                made.close_doors.append(await open_door(listener))
            if (wire := network.wire) is not None:
                device = await maker.make_device(made.fds, DEVICE, wire.addresses, NETMASK, MTU)
                made.close_doors.append(await wire.carry(device))
        except BaseException:
            await _close(made)
            raise
        return made


async def _close(opened: _Open) -> None:
    for close_door in opened.close_doors:
        await close_door()
    for listener in opened.listeners:
        listener.close()
    for one in opened.sockets:
        one.close()
    opened.sockets, opened.closed = [], True
    for fd in opened.fds:
        with contextlib.suppress(OSError):
            os.close(fd)
