"""Listener: one port of one machine's address; who comes is let in or dropped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sagehen.services.ec2.ssh.strangers import Strangers

logger = logging.getLogger("sagehen.ec2")

_PAUSE_S = 0.1  # without descriptors, or the like
_BACKLOG = 64


def listening(address: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        OSError: It may not, or others do.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        made.listen(_BACKLOG)
    except BaseException:
        made.close()
        raise
    return made


def reset(connection: socket.socket) -> None:
    """End a connection as if nobody had been there."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@dataclass(slots=True)
class Room:
    """How many connections there may be at once, and are; ports may share one."""

    most: int
    taken: int = 0


class Listener:
    """Accepts until it is closed.

    Args:
        listens: The socket; owned from now on.
        room: For connections. Where there is none, one more takes the place of a client of this port who has
            not said who he is; where all have, it is reset.
        admits: Whether who comes from an address is let in.
        takes: Called with each connection that is let in; returns the one to serve.
        serve: Called with each connection, which it owns, and with what it calls once it knows who that is;
            ends with it.
    """

    def __init__(
        self,
        listens: socket.socket,
        *,
        room: Room,
        admits: Callable[[str], bool],
        takes: Callable[[socket.socket], socket.socket],
        serve: Callable[[socket.socket, Callable[[], None]], Awaitable[None]],
    ) -> None:
        self._socket = listens
        self._room = room
        self._admits = admits
        self._takes = takes
        self._serve = serve
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._strangers: Strangers[asyncio.Task[None]] = Strangers()
        self._accepting = asyncio.create_task(self._accept())

    async def close(self) -> None:
        """Accept no longer, and end what goes through."""
        ending = [self._accepting, *self._tasks]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        self._socket.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, (source, *_) = await loop.sock_accept(self._socket)
            except OSError as error:
                logger.warning("a machine's door cannot accept: %s", error)
                await asyncio.sleep(_PAUSE_S)
                continue
            if not self._let_in(source) or not self._make_room():
                reset(connection)
                continue
            task = asyncio.create_task(self._one(self._takes(connection)))
            self._tasks.add(task)
            self._room.taken += 1
            self._strangers.came(task, source)
            task.add_done_callback(self._gone)

    def _make_room(self) -> bool:
        if self._room.taken < self._room.most:
            return True
        leaving = self._strangers.to_leave()
        if leaving is None:
            return False
        leaving.cancel()
        self._leave_room(leaving)  # he counts no more, whenever his end is over
        return True

    def _leave_room(self, task: asyncio.Task[None]) -> None:
        if task not in self._leaving:
            self._leaving.add(task)
            self._room.taken -= 1
        self._strangers.left(task)

    def _gone(self, task: asyncio.Task[None]) -> None:
        self._leave_room(task)
        self._tasks.discard(task)
        self._leaving.discard(task)

    def _let_in(self, source: str) -> bool:
        try:
            return self._admits(source)
        except Exception:
            logger.exception("whether %s is let in is unknown: it is not", source)
            return False

    async def _one(self, connection: socket.socket) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            await self._serve(connection, lambda: self._strangers.left(task))
        except Exception as error:
            logger.info("a connection to a machine broke: %s", error)
        finally:
            connection.close()
