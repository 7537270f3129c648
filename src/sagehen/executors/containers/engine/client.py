"""EngineClient: one request a connection, over the engine's Unix socket.

A connection costs some 50 us there, and with one for each request nothing has to be told apart: a wait lasts
as long as a container, output takes the connection over.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import h11

from sagehen.domain.timeouts import timeout
from sagehen.executors.containers.engine.errors import EngineGone, refusal

# Docker 20.10 and Podman 4 have it, and both still answer to it: what we need is older than that.
_API = "v1.40"
_HEADERS = [("Host", "engine"), ("User-Agent", "sagehen")]
# Starting and removing take a second or two; on a machine that swaps, far longer.
ANSWER_S = 120.0
_PIECE_BYTES = 64 * 1024
# What the answers that we read hold at most: an inspection of a container has some 10 KB.
_MOST_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Taken:
    """A connection that is no HTTP any more.

    Args:
        first: What came behind the answer's head.
    """

    first: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class EngineClient:
    """Asks an engine.

    Args:
        path: Its socket.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        timeout_s: float | None = ANSWER_S,
        **query: str | int,
    ) -> Any:
        """Return what a request is answered with, read as JSON; None where that is nothing.

        Args:
            timeout_s: From the first byte to the last; None: as long as it takes.

        Raises:
            EngineGone, EngineRefused
        """
        headers, content = [("Content-Length", "0")], b""
        if body is not None:
            content = json.dumps(body).encode()
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        async with self._connection(timeout_s) as connection:
            await connection.ask(method, _target(path, query), headers, _once(content))
            answer = await connection.answer()
        if not answer:
            return None
        try:
            return json.loads(answer)
        except ValueError:
            raise EngineGone(f"{self.path} does not answer as an engine does") from None

    async def send(self, path: str, pieces: AsyncIterable[bytes], *, timeout_s: float, **query: int) -> bytes:
        """Send an archive and return what is answered.

        Raises:
            EngineGone, EngineRefused
        """
        headers = [("Content-Type", "application/x-tar"), ("Transfer-Encoding", "chunked")]
        async with self._connection(timeout_s) as connection:
            await connection.ask("POST", _target(path, query), headers, pieces)
            return await connection.answer()

    async def take_over(self, path: str, **query: int) -> Taken:
        """Return the connection of a request that takes it over; the caller closes it.

        Raises:
            EngineGone, EngineRefused
        """
        headers = [("Connection", "Upgrade"), ("Upgrade", "tcp"), ("Content-Length", "0")]
        async with self._connection(ANSWER_S) as connection:
            await connection.ask("POST", _target(path, query), headers, _once(b""))
            return await connection.taken_over()

    @contextlib.asynccontextmanager
    async def _connection(self, timeout_s: float | None) -> AsyncIterator[_Connection]:
        connection = None
        try:
            async with timeout(timeout_s):
                reader, writer = await asyncio.open_unix_connection(str(self.path))
                connection = _Connection(reader, writer)
                yield connection
        except TimeoutError:
            raise EngineGone(f"{self.path} did not answer within {timeout_s:.0f} s") from None
        except (OSError, h11.ProtocolError) as error:
            raise EngineGone(f"{self.path}: {error}") from error
        finally:
            if connection is not None:
                connection.close()


class _Connection:
    """One request and its answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)
        self._is_taken = False

    async def ask(
        self, method: str, target: str, headers: list[tuple[str, str]], pieces: AsyncIterable[bytes]
    ) -> None:
        request = h11.Request(method=method, target=target, headers=[*_HEADERS, *headers])
        self._write(self._http.send(request))
        async for piece in pieces:
            self._write(self._http.send(h11.Data(data=piece)))
            await self._writer.drain()
        self._write(self._http.send(h11.EndOfMessage()))
        await self._writer.drain()

    async def answer(self) -> bytes:
        status = await self._head()
        content = bytearray()
        while not isinstance(event := await self._next(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                content += event.data
            if isinstance(event, h11.ConnectionClosed) or len(content) > _MOST_BYTES:
                raise EngineGone("the engine's answer broke off")
        # 304: it is so already, as a container that was started before.
        if status >= 400:
            raise refusal(status, bytes(content))
        return bytes(content)

    async def taken_over(self) -> Taken:
        """Docker says 101, Podman 101 or 200; from then on nothing is HTTP any more."""
        status = await self._head()
        if status >= 400:
            content = bytearray()
            while isinstance(event := await self._next(), h11.Data) and len(content) < _MOST_BYTES:
                content += event.data
            raise refusal(status, bytes(content))
        self._is_taken = True
        return Taken(self._http.trailing_data[0], self._reader, self._writer)

    def close(self) -> None:
        if not self._is_taken:
            self._writer.close()

    async def _head(self) -> int:
        while True:
            event = await self._next()
            if isinstance(event, h11.InformationalResponse) and event.status_code != 101:
                continue
            if isinstance(event, h11.Response | h11.InformationalResponse):
                return int(event.status_code)
            raise EngineGone("the engine does not speak HTTP")

    async def _next(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            data = await self._reader.read(_PIECE_BYTES)
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise EngineGone("the engine closed the connection without an answer")
            self._http.receive_data(data)
        return event

    def _write(self, data: bytes | None) -> None:
        if data:
            self._writer.write(data)


def _target(path: str, query: Mapping[str, str | int]) -> str:
    return f"/{_API}{path}" + (f"?{urlencode(query)}" if query else "")


async def _once(content: bytes) -> AsyncIterable[bytes]:
    if content:
        yield content
