"""Listeners: the open sockets, and the one sweep a second over the connections that came through them."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import TYPE_CHECKING

from sagehen.domain.background import Rounds
from sagehen.domain.clock import SystemClock
from sagehen.executors.traffic import CountedListener
from sagehen.gateway.connections.connection import Connection
from sagehen.gateway.connections.hall import Hall
from sagehen.gateway.door.accepting import Accepting

if TYPE_CHECKING:
    from sagehen.gateway.tls.certificates import ServerCertificate
    from sagehen.gateway.tls.entrance import Entrance

_SWEEP_S = 1.0
_BACKLOG = 1024


class CannotListen(Exception):
    """The address is taken, forbidden or none of this machine's; the message is shown as it is."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        if error.errno == errno.EADDRINUSE:
            reason = "it is taken (`sagehen doctor` tells by whom; `sagehen up --port 0` takes a free one)"
        else:  # uvloop tells the address again, in Python's spelling; resolvers have negative numbers
            number = error.errno or 0
            reason = os.strerror(number) if number > 0 else str(error.strerror or error)
        super().__init__(f"cannot listen on {host}:{port}: {reason}")


class Listeners:
    """Opens sockets and closes them, and breaks off what waits for too long.

    Args:
        hall: Whose connections are swept and ended.
        on_sweep: Told about once a second, with the time (`time.monotonic`, in seconds).
    """

    def __init__(self, hall: Hall, on_sweep: Callable[[float], None]) -> None:
        self._hall = hall
        self._on_sweep = on_sweep
        self._servers: set[asyncio.Server | Accepting | Entrance] = set()
        # Real time, whatever the platform's clock: clients wait in it.
        self._sweeper = Rounds(
            "connections-sweep", self._sweep, SystemClock(), _SWEEP_S, tale="sweeping connections"
        )

    async def open(self, connect: Callable[[], Connection], host: str, port: int) -> set[int]:
        """Listen on an address and return the ports: one each of IPv4's and IPv6's, where `host` is both.

        Raises:
            CannotListen: The address is taken or not ours.
        """
        try:
            server = await asyncio.get_running_loop().create_server(connect, host, port, backlog=_BACKLOG)
        except OSError as error:
            raise CannotListen(host, port, error) from error
        self._keep(server)
        return {int(listener.getsockname()[1]) for listener in server.sockets}

    def open_to_others(
        self,
        connect: Callable[[], Connection],
        connect_here: Callable[[], Connection],
        address: str,
        port: int,
        certificate: ServerCertificate,
    ) -> int:
        """Listen with TLS on an address that other machines reach, and return the port.

        Raises:
            CannotListen: The address is taken or not ours.
        """
        from sagehen.gateway.tls.entrance import Entrance

        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if listener.family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address, port))
            listener.listen(_BACKLOG)
            listener.setblocking(False)
        except OSError as error:
            listener.close()
            raise CannotListen(address, port, error) from error
        found: int = listener.getsockname()[1]

        async def context() -> ssl.SSLContext:
            return certificate.context

        self._keep(Entrance(connect, connect_here, listener, context, name="the entrance for other machines"))
        return found

    def take_tls(
        self,
        connect: Callable[[], Connection],
        listener: socket.socket,
        context: Callable[[], Awaitable[ssl.SSLContext]],
    ) -> Entrance:
        """Serve a socket that somebody else made with TLS alone; it is closed with the entrance."""
        from sagehen.gateway.tls.entrance import Entrance
        from sagehen.gateway.tls.plain_answer import PlainAnswer

        self._forget_closed()
        entrance = Entrance(connect, PlainAnswer, listener, context, name="a door by TLS")
        self._keep(entrance)
        return entrance

    async def take(
        self, connect: Callable[[], Connection], listener: socket.socket
    ) -> asyncio.Server | Accepting:
        """Serve a socket that somebody else made; it is closed with the server."""
        self._forget_closed()
        if isinstance(listener, CountedListener):
            accepting = Accepting(connect, listener)
            self._keep(accepting)
            return accepting
        server = await asyncio.get_running_loop().create_server(connect, sock=listener, backlog=_BACKLOG)
        self._keep(server)
        return server

    def close(self) -> None:
        """Accept no more. What is open stays open."""
        for server in self._servers:
            server.close()
        self._servers.clear()

    async def end(self, grace_s: float) -> None:
        """Let requests under way finish for `grace_s` seconds, then break them off; sweep no more."""
        state = self._hall.server_state
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            await asyncio.wait(list(state.tasks), timeout=grace_s)
        for task in list(state.tasks):
            task.cancel()
        if state.tasks:
            await asyncio.wait(list(state.tasks), timeout=1.0)
        for connection in list(state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await self._sweeper.stop()

    def _forget_closed(self) -> None:
        self._servers = {server for server in self._servers if server.is_serving()}

    def _keep(self, server: asyncio.Server | Accepting | Entrance) -> None:
        self._servers.add(server)
        if not self._sweeper.begun:
            self._sweeper.start()

    async def _sweep(self) -> None:
        """Once a second: the Date header of answers, and connections that wait for too long."""
        date = formatdate(usegmt=True).encode()
        self._hall.server_state.default_headers[:] = [(b"server", b"Sagehen"), (b"date", date)]
        now = time.monotonic()
        for connection in list(self._hall.server_state.connections):
            if isinstance(connection, Connection):
                connection.sweep(now)
        self._on_sweep(now)
