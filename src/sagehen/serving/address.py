"""Where an instance's server is reached: a unix socket of a folder, or a port of its private network."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from sagehen.domain.timeouts import timeout
from sagehen.serving.connection import ConnectionClosed, ReplicaConnection

# The kernel of a namespace refuses at once, but a program may listen and accept nothing.
_CONNECT_S = 10.0


class Address(Protocol):
    """Opens connections to one instance."""

    @property
    def keeps(self) -> bool:
        """Whether a connection serves one request after another."""
        ...

    async def open(self, make: Callable[[], ReplicaConnection]) -> ReplicaConnection:
        """Return a new connection.

        Raises:
            ConnectionClosed: Nobody listens.
        """
        ...

    def close(self) -> None:
        """Let go of what is held to open more."""
        ...


def held_socket(path: Path) -> int:
    """Return a descriptor of a socket in a folder that a sandbox writes to; `address_of` is its address.

    The sandbox could put a link to some socket of the host there; and sockaddr_un holds 108 bytes while data
    folders may lie deep. Opening the socket itself, without following links, settles both.

    Raises:
        OSError: There is none.
    """
    descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW)
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ConnectionRefusedError(f"{path} is not a socket")
    return descriptor


def address_of(held: int) -> str:
    """Return the address of a socket whose descriptor is held while it is connected to."""
    return f"/proc/self/fd/{held}"


class UnixAddress:
    """The socket of a model server of ours.

    Args:
        path: In a folder that the sandbox writes to.
    """

    keeps = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: int | None = None

    async def open(self, make: Callable[[], ReplicaConnection]) -> ReplicaConnection:
        """See `Address.open`."""
        try:
            loop = asyncio.get_running_loop()
            _, protocol = await loop.create_unix_connection(make, self._address())
        except OSError as error:
            raise ConnectionClosed(f"cannot connect: {error}", began=False) from error
        return protocol

    def _address(self) -> str:
        if self._socket is None:
            self._socket = held_socket(self._path)
        return address_of(self._socket)

    def close(self) -> None:
        """See `Address.close`."""
        if self._socket is not None:
            os.close(self._socket)
            self._socket = None


class PortAddress:
    """A port of an instance's private network, where the server of an image of one's own listens.

    Each request has a connection of its own. Servers close what is idle when they like (gunicorn after 2 s),
    and a request that is sent just then is lost, as nobody knows whether it was begun. And those that write
    an answer's head and body apart wait 40 ms in between for the kernel to acknowledge the head, but on a
    new connection: measured with Python's `http.server`, 20 to 65 ms on kept ones, 7 ms on new ones.

    Args:
        connect: Returns a socket that is connected to it.
    """

    keeps = False

    def __init__(self, connect: Callable[[], Awaitable[socket.socket]]) -> None:
        self._connect = connect

    async def open(self, make: Callable[[], ReplicaConnection]) -> ReplicaConnection:
        """See `Address.open`."""
        try:
            async with timeout(_CONNECT_S):
                connected = await self._connect()
        except OSError as error:  # a timeout is one
            raise ConnectionClosed(f"cannot connect: {error}", began=False) from error
        if connected.family != socket.AF_UNIX:  # that is the near end of what leads to another machine
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _, protocol = await asyncio.get_running_loop().create_connection(make, sock=connected)
        return protocol

    def close(self) -> None:
        """See `Address.close`: nothing is held."""
