"""Asks a machine's agent to run something, and reads what comes of it."""

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
from sagehen.executors.processes.output import LineSplitter
from sagehen.executors.processes.pace import Pace, pieces

# Of the agent's; whoever says more is no agent.
_MOST_FRAME_BYTES = 1 << 20
_CONNECT_PATIENCE_S = 30.0


class MachineGone(Exception):
    """The machine ended, or its agent does not answer."""


@dataclass(frozen=True, slots=True)
class Command:
    """One process to run inside.

    Args:
        words: The command; empty where `script` is one.
        script: What is written to a file and run, with its path as the last word.
        name: What the script's file is called.
        environment: Besides the machine's own.
        directory: Where it starts.
        preloaded: It is `python -m …`, run by a fork of the machine's first process.
    """

    words: tuple[str, ...] = ()
    script: bytes | None = None
    name: str = "script"
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: str = "/"
    preloaded: bool = False

    def line(self, token: str) -> bytes:
        """Return it as the agent reads it."""
        request = {
            "token": token,
            "command": list(self.words),
            "environment": dict(self.environment),
            "directory": self.directory,
            "preloaded": self.preloaded,
            "name": self.name,
        }
        if self.script is not None:
            request["script"] = base64.b64encode(self.script).decode()
        return json.dumps(request).encode() + b"\n"


async def run(
    command: Command,
    connect: Callable[[], Awaitable[socket]],
    token: str,
    output: Callable[[str], None],
    deadline_s: float | None = None,
) -> int | None:
    """Run a process inside and return its exit code; None where the deadline ended it, with its group.

    Args:
        connect: Reaches the agent.
        output: Takes its lines, on the event loop.
        deadline_s: Seconds of the machine's clock.

    Raises:
        MachineGone
    """
    try:
        async with timeout(_CONNECT_PATIENCE_S):
            reader, writer = await asyncio.open_connection(sock=await connect())
    except (OSError, TimeoutError) as error:
        raise MachineGone(f"the machine does not answer: {error}") from error
    splitter = LineSplitter(output)
    try:
        writer.write(command.line(token))
        async with timeout(deadline_s):
            return await _follow(reader, splitter)
    except TimeoutError:
        return None
    except (OSError, ValueError, asyncio.IncompleteReadError) as error:
        raise MachineGone(f"the machine ended: {error}") from error
    finally:
        splitter.close()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _follow(reader: asyncio.StreamReader, splitter: LineSplitter) -> int:
    """Return the exit code. Who floods waits for us, in its own machine."""
    pace, loop = Pace(), asyncio.get_running_loop()
    while True:
        kind = await reader.readexactly(1)
        (size,) = struct.unpack("!I", await reader.readexactly(4))
        if size > _MOST_FRAME_BYTES:
            raise ValueError("not an agent's answer")
        content = await reader.readexactly(size)
        if kind == b"x":
            return int(content) & 0xFF
        for piece in pieces(content):
            splitter.feed(piece)
            await asyncio.sleep(pace.pause_s(piece, loop.time()))
