"""Replicas that answer over real unix sockets, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from sagehen.serving.address import UnixAddress
from sagehen.serving.replica import Replica

Answer = Callable[[bytes], Awaitable[bytes | None]]


class FakeServer:
    """One model server: answers each body with what `answer` makes of it; None = hang up."""

    def __init__(self, replica_id: str, path: Path) -> None:
        self.replica_id = replica_id
        self.path = path
        self.seen: list[bytes] = []
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, answer: Answer) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            self._writers.add(writer)
            try:
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                    body = await reader.readexactly(length)
                    self.seen.append(body)
                    result = await answer(body)
                    if result is None:
                        break
                    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(result) + result)
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                self._writers.discard(writer)
                writer.close()

        self._server = await asyncio.start_unix_server(serve, str(self.path))

    async def die(self) -> None:
        """What kill -9 does: the listener and every connection vanish."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()

    def replica(self) -> Replica:
        return Replica(self.replica_id, UnixAddress(self.path))


StartFake = Callable[..., Awaitable[FakeServer]]


@pytest.fixture
async def start_fake(tmp_path: Path) -> AsyncIterator[StartFake]:
    servers: list[FakeServer] = []

    async def echo(body: bytes) -> bytes | None:
        return body

    async def start(replica_id: str, answer: Answer = echo) -> FakeServer:
        server = FakeServer(replica_id, tmp_path / f"{replica_id}.sock")
        await server.start(answer)
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.die()
