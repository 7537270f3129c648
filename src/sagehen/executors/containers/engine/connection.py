"""One request to an engine and its answer, or what the connection is afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass

import h11

from sagehen.executors.containers.engine.errors import EngineGone, refusal

_HEADERS = [("Host", "engine"), ("User-Agent", "sagehen")]
_PIECE_BYTES = 64 * 1024
# What the answers that we read hold at most: an inspection of a container has 7 KB.
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


class Connection:
    """One request and its answer; `close` closes it, unless it was taken over."""

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
