"""Links over Unix sockets of this machine, one connection for each stream: for tests, without keys."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sagehen.cluster.streams import Handler, LinkLost, Stream, StreamRefused
from sagehen.domain.timeouts import timeout

# What comes first on each connection: whether the far side has such a handler.
_TAKEN = b"+"
_writers: set[asyncio.StreamWriter] = set()


async def all_closed() -> None:
    """Leave no connection of this process open, nor half closed."""
    while _writers:
        writer = _writers.pop()
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class SocketStream:
    """Frames of a length and bytes; length 0 is the end, -1 a reset with its reason."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._finished = self._heard_end = False
        _writers.add(writer)

    async def send(self, data: bytes) -> None:
        try:
            for at in range(0, len(data), 65536):
                piece = data[at : at + 65536]
                self._writer.write(len(piece).to_bytes(4, "big") + piece)
                await self._writer.drain()
        except (ConnectionError, RuntimeError) as error:
            raise LinkLost(str(error)) from error

    async def receive(self) -> bytes:
        if self._heard_end:
            return b""
        try:
            size = int.from_bytes(await self._reader.readexactly(4), "big")
            if size == 2**32 - 1:
                reason = await self._reader.readline()
                raise StreamRefused(reason.decode().strip())
            self._heard_end = size == 0
            return await self._reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            raise LinkLost("cut") from error
        except ConnectionError as error:
            raise error if isinstance(error, StreamRefused) else LinkLost(str(error)) from error

    async def finish(self) -> None:
        if not self._finished and not self._writer.is_closing():
            self._finished = True
            self._writer.write(bytes(4))
            await asyncio.sleep(0)

    def reset(self, reason: str) -> None:
        if not self._writer.is_closing():
            if not (self._finished and self._heard_end):
                self._writer.write(b"\xff\xff\xff\xff" + reason.replace("\n", " ").encode() + b"\n")
            self._writer.close()


class SocketLink:
    """A link whose far side listens at a path. It can be cut, and is made anew as another one."""

    def __init__(self, peer: str, far: Path) -> None:
        self.peer = peer
        self._far = far
        self._lost = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self, kind: str, arguments: Mapping[str, Any], *, timeout_s: float) -> Stream:
        if self._lost.is_set():
            raise LinkLost("cut")
        try:
            async with timeout(timeout_s):
                reader, writer = await asyncio.open_unix_connection(str(self._far))
                _writers.add(writer)  # whoever opens it may be cancelled before it is a stream
                writer.write(json.dumps([kind, dict(arguments)]).encode() + b"\n")
                if await reader.readexactly(1) != _TAKEN:
                    raise StreamRefused(kind)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise error if isinstance(error, StreamRefused) else LinkLost(str(error)) from error
        self._open = {each for each in self._open if not each.is_closing()} | {writer}
        return SocketStream(reader, writer)

    async def closed(self) -> None:
        await self._lost.wait()

    def cut(self) -> None:
        """Lose it, with all that is open."""
        self._lost.set()
        for writer in self._open:
            writer.transport.abort()


async def serve(place: Path, handlers: Callable[[], Mapping[str, Handler]]) -> asyncio.Server:
    """Take streams at a path."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = SocketStream(reader, writer)
        try:
            kind, arguments = json.loads(await reader.readline())
            writer.write(_TAKEN)
            await handlers()[kind](arguments, stream)
        except asyncio.CancelledError:
            pass
        except (LinkLost, StreamRefused) as error:
            stream.reset(str(error))
        except Exception as error:
            stream.reset(repr(error))
        finally:
            stream.reset("over") if not writer.is_closing() else None

    return await asyncio.start_unix_server(take, str(place))
