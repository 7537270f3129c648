"""Reaching: what the platform connects to inside a node's sandboxes."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.cluster.agent.boxes import Boxes
from sagehen.cluster.relay import relay
from sagehen.cluster.streams import Stream
from sagehen.executors.base import Executor, SandboxUnavailable


class Reaching:
    """Opens ports of networks, and sockets in folders."""

    def __init__(self, boxes: Boxes, executor: Executor) -> None:
        self._boxes = boxes
        self._executor = executor

    async def connect(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Connect to a port in a network."""
        try:
            connection = await self._executor.connect(arguments["network"], int(arguments["port"]))
        except (OSError, SandboxUnavailable) as error:
            stream.reset(str(error))
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await stream.send(b"+")  # so that who connects knows that somebody listens
        await relay(stream, connection)

    async def socket(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Connect to a Unix socket that lies in a tree of a box."""
        box = self._boxes.known(arguments, stream)
        if box is None:
            return
        steps = Path(arguments["path"]).parts
        if any(step in ("..", "/") for step in steps):
            stream.reset("no such socket")
            return
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        descriptor = -1
        try:
            # The folder is the sandbox's, which may put a link to any socket of the host there, and its path
            # may be longer than an address: what was opened is what was looked at.
            descriptor = os.open(box.tree(int(arguments["tree"])).joinpath(*steps), os.O_PATH | os.O_NOFOLLOW)
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                raise ConnectionRefusedError("it is no socket")
            await asyncio.get_running_loop().sock_connect(connection, f"/proc/self/fd/{descriptor}")
        except OSError as error:
            connection.close()
            stream.reset(str(error))
            return
        finally:
            if descriptor >= 0:
                os.close(descriptor)
        await stream.send(b"+")
        await relay(stream, connection)
