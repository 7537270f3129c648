"""Program: a process inside a machine with its streams, over a connection to the agent."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from socket import socket

from sagehen.domain.timeouts import timeout
from sagehen.executors.machines.commands import MachineGone

_MOST_FRAME_BYTES = 1 << 20
_MOST_HELD_BYTES = 1 << 20
_PIECE_BYTES = 65536
_PATIENCE_S = 30.0


class NoSuchUser(Exception):
    """The machine has none of that name."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file to write inside, its folders included.

    Args:
        content: All of them in a request may have 1 MiB together.
        owner: Whose it becomes where the machine has several users; '' is root's.
    """

    path: str
    content: bytes
    mode: int = 0o644
    appends: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """What to run.

    Args:
        words: The command; () is a login shell, the SHELL of its environment; None writes `files` alone.
        user: Whose home is the default folder; '' is nobody's.
        environment: Besides the machine's own.
        directory: '' is the home.
        terminal: (columns, rows), or None for pipes.
        log: A file inside to which all output is appended as well.
        files: Written before it starts; where one cannot be, it does not: exit code 127.
    """

    words: tuple[str, ...] | None
    user: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: str = ""
    terminal: tuple[int, int] | None = None
    log: str = ""
    files: tuple[Content, ...] = ()


class _Stream:
    """Bytes that came, and whether more can come."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.ended = False
        self.changed = asyncio.Event()

    def feed(self, content: bytes) -> None:
        self.held += content
        self.changed.set()

    def end(self) -> None:
        self.ended = True
        self.changed.set()

    async def read(self, most: int) -> bytes:
        while not self.held and not self.ended:
            self.changed.clear()
            await self.changed.wait()
        content = bytes(self.held[:most])
        del self.held[:most]
        return content


class Program:
    """One that runs. Made by `start`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pty: bool) -> None:
        self._reader = reader
        self._writer = writer
        self._streams = {b"o": _Stream(), b"f": _Stream()}
        self._taken = asyncio.Event()
        self._reads_input = True
        if pty:
            self._streams[b"f"].end()
        self._code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._code.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._pump = asyncio.create_task(self._follow(), name="output of a program")

    async def read(self, most: int = _PIECE_BYTES) -> bytes:
        """Return what it printed; b'' at its end."""
        return await self._take(b"o", most)

    async def read_error(self, most: int = _PIECE_BYTES) -> bytes:
        """Return what it printed as errors; b'' at the end."""
        return await self._take(b"f", most)

    async def write(self, content: bytes) -> None:
        """Give it input.

        Raises:
            BrokenPipeError: It reads no more.
        """
        for start in range(0, len(content), _PIECE_BYTES):
            if not self._reads_input:
                raise BrokenPipeError("the program reads no more")
            await self._send(b"i", content[start : start + _PIECE_BYTES])

    async def end_input(self) -> None:
        """Close its input."""
        if self._reads_input:
            with contextlib.suppress(OSError):
                await self._send(b"e")

    async def resize(self, columns: int, rows: int) -> None:
        """Tell its terminal."""
        with contextlib.suppress(OSError):
            await self._send(b"r", f"{columns} {rows}".encode())

    async def signal(self, name: str) -> None:
        """Send a signal to its group, or to who has the terminal."""
        with contextlib.suppress(OSError):
            await self._send(b"k", name.encode("ascii", "replace"))

    async def wait(self) -> int:
        """Return its exit code.

        Raises:
            MachineGone
        """
        return await asyncio.shield(self._code)

    async def kill(self) -> None:
        """End it and its group, and take no more of it."""
        self._writer.close()
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)

    async def _send(self, kind: bytes, content: bytes = b"") -> None:
        if self._code.done():
            raise BrokenPipeError("the program has ended")
        self._writer.write(kind + struct.pack("!I", len(content)) + content)
        await self._writer.drain()

    async def _take(self, kind: bytes, most: int) -> bytes:
        content = await self._streams[kind].read(most)
        self._taken.set()
        return content

    async def _follow(self) -> None:
        try:
            while True:
                kind, content = await _frame(self._reader)
                if kind == b"x":
                    self._code.set_result(int(content) & 0xFF)
                    return
                if kind == b"c":
                    self._reads_input = False
                elif kind in self._streams:
                    self._streams[kind].feed(content)
                while any(len(one.held) > _MOST_HELD_BYTES for one in self._streams.values()):
                    self._taken.clear()
                    await self._taken.wait()
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            self._code.set_exception(MachineGone(f"the machine ended: {error}"))
        finally:
            self._reads_input = False
            for stream in self._streams.values():
                stream.end()
            if not self._code.done():
                self._code.set_result(137)
            self._writer.close()


async def start(what: Started, connect: Callable[[], Awaitable[socket]], token: str) -> Program:
    """Start a program; return once it runs.

    Raises:
        MachineGone
        NoSuchUser
    """
    request = {
        "token": token, "streams": True, "command": list(what.words or ()), "user": what.user,
        "environment": dict(what.environment), "directory": what.directory, "terminal": what.terminal,
        "log": what.log, "files_only": what.words is None,
        "files": [
            (one.path, base64.b64encode(one.content).decode(), one.mode, one.appends, one.owner)
            for one in what.files
        ],
    }  # fmt: skip
    writer: asyncio.StreamWriter | None = None
    try:
        async with timeout(_PATIENCE_S):
            reader, writer = await asyncio.open_connection(sock=await connect())
            writer.write(json.dumps(request).encode() + b"\n")
            kind, _ = await _frame(reader)
    except BaseException as error:
        if writer is not None:
            writer.close()
        if isinstance(error, OSError | TimeoutError | ValueError | asyncio.IncompleteReadError):
            raise MachineGone(f"the machine does not answer: {error}") from error
        raise
    if kind != b"s":
        writer.close()
        raise NoSuchUser(what.user) if kind == b"n" else MachineGone("not an agent's answer")
    return Program(reader, writer, what.terminal is not None)


async def _frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind = await reader.readexactly(1)
    (size,) = struct.unpack("!I", await reader.readexactly(4))
    if size > _MOST_FRAME_BYTES:
        raise ValueError("not an agent's answer")
    return kind, await reader.readexactly(size)
