"""Porter: the agent's end of its node's porter: the process, started when it is first needed."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from sagehen.cluster.porters.niceness import COMMAND
from sagehen.cluster.relay import relay
from sagehen.cluster.streams import Stream, StreamRefused, line
from sagehen.cluster.trees.passing import PORTER_ENDED
from sagehen.cluster.unix_sockets import listen, short

_MOST_ANSWER_BYTES = 1024 * 1024
_END_S = 5.0


class Porter:
    """Asks it.

    Args:
        folder: Of the agent's: the porter's socket, and the files that the node has had.
        host: The platform's.
        identity: The folder of this node's identity.
    """

    def __init__(self, folder: Path, host: str, identity: Path) -> None:
        self._place = folder / "porter.sock"
        self._command = (sys.executable, *COMMAND, "node")
        self._arguments = (str(folder / "files"), host, str(identity))
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = asyncio.Lock()

    async def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Have something done; return what came of it.

        Raises:
            FileNotFoundError, StreamRefused: It could not be done.
        """
        answer = b""
        with contextlib.suppress(ConnectionError):
            answer = await self._answer(order)
        if not answer.endswith(b"\n"):
            raise StreamRefused(PORTER_ENDED)
        told: dict[str, Any] = orjson.loads(answer)
        if (error := told.get("error")) is not None:
            if error.get("errno") in (errno.ENOENT, errno.ENOTDIR):
                raise FileNotFoundError(error["errno"], error["message"])
            raise StreamRefused(str(error["message"]))
        return told

    async def pass_on(self, order: Mapping[str, Any], stream: Stream) -> None:
        """Have something done of which the platform says more, and hears itself what comes of it."""
        connection = await self._connected()
        try:
            await asyncio.get_running_loop().sock_sendall(connection, line(order))
        except BaseException:
            connection.close()
            raise
        await relay(stream, connection)

    async def close(self) -> None:
        """End it."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        with contextlib.suppress(FileNotFoundError):
            self._place.unlink()

    async def _answer(self, order: Mapping[str, Any]) -> bytes:
        loop, answer = asyncio.get_running_loop(), b""
        with await self._connected() as connection:
            await loop.sock_sendall(connection, line(order))
            while len(answer) < _MOST_ANSWER_BYTES and (more := await loop.sock_recv(connection, 65536)):
                answer += more
        return answer

    async def _connected(self) -> socket.socket:
        try:
            return await self._connection()
        except ConnectionRefusedError:
            # One that is killed lets go of its socket before it counts as ended.
            assert self._process is not None
            await asyncio.to_thread(self._process.wait, _END_S)
            return await self._connection()

    async def _connection(self) -> socket.socket:
        async with self._starting:
            if self._process is None or self._process.poll() is not None:
                self._process = await asyncio.to_thread(self._begun)
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            with short(self._place) as address:
                await asyncio.get_running_loop().sock_connect(connection, address)
        except BaseException:
            connection.close()
            raise
        return connection

    def _begun(self) -> subprocess.Popen[bytes]:
        # Whoever connects before it is up waits in the listener's queue.
        with listen(self._place) as listener:
            number = listener.fileno()
            return subprocess.Popen(
                [*self._command, str(number), *self._arguments], stdin=subprocess.PIPE, pass_fds=(number,)
            )
