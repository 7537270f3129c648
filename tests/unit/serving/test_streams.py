"""Streamed answers: slots and connections come back however a stream ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.serving.address import UnixAddress
from sagehen.serving.connection import ConnectionClosed
from sagehen.serving.replica import Replica
from sagehen.serving.replica_set import ReplicaSet, ServingLimits

CHUNK = b"x" * 65536


class ChunkedServer:
    """Answers `N` with N chunks; `broken` with half an answer."""

    def __init__(self) -> None:
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self, path: Path) -> None:
        self._server = await asyncio.start_unix_server(self._serve, str(path))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                wanted = await reader.readexactly(length)
                writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                for _ in range(1 if wanted == b"broken" else int(wanted)):
                    writer.write(b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK))
                    await writer.drain()
                if wanted == b"broken":
                    break
                writer.write(b"0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def close(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()


@pytest.fixture
async def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    server, path = ChunkedServer(), tmp_path_factory.mktemp("s") / "sock"
    await server.start(path)
    replica = Replica("i-1", UnixAddress(path))
    replicas = ReplicaSet(
        "v", strategy="RANDOM", limits=ServingLimits(requests_per_replica=1), clock=SystemClock(), ids=Ids()
    )
    replicas.add(replica)
    yield server, replicas
    replica.close()
    server.close()
    await asyncio.sleep(0.01)


async def read(replicas: ReplicaSet, wanted: bytes) -> int:
    stream = await replicas.invoke_stream({}, wanted)
    return sum([len(part) async for part in stream.parts()])


async def test_a_stream_that_ends_leaves_its_connection_to_the_next(served: Any) -> None:
    server, replicas = served
    for count in (3, 0, 2):
        assert await read(replicas, str(count).encode()) == count * len(CHUNK)
    assert (server.connections, replicas.outstanding) == (1, 0)


async def test_more_than_is_held_waits_for_a_slow_reader(served: Any) -> None:
    _, replicas = served
    stream = await replicas.invoke_stream({}, b"200")
    await asyncio.sleep(0.1)
    assert stream.held_bytes < 2 * 1024 * 1024
    assert sum([len(part) async for part in stream.parts()]) == 200 * len(CHUNK)


async def test_broken_closed_and_forgotten_streams_free_their_slot(served: Any) -> None:
    _, replicas = served
    with pytest.raises(ConnectionClosed):
        await read(replicas, b"broken")
    stream = await replicas.invoke_stream({}, b"200")
    assert replicas.outstanding == 1
    stream.close()
    assert replicas.outstanding == 0
    stream = await replicas.invoke_stream({}, b"200")
    del stream  # the caller went before the first part
    async with asyncio.timeout(60):
        assert await read(replicas, b"2") == 2 * len(CHUNK)
    assert replicas.outstanding == 0
