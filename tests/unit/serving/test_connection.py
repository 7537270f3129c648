"""What a model server, which runs the user's code, may send."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import httptools
import pytest

from sagehen.serving.address import UnixAddress
from sagehen.serving.connection import MAX_HEAD_BYTES, ConnectionClosed, ReplicaConnection, Room
from sagehen.serving.replica import Replica


async def asked(folder: Path, pieces: Iterable[bytes], most_bytes: int = 10_000_000) -> Any:
    """Return what a replica makes of an answer that is sent piece by piece."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_unix_server(serve, str(folder / "s"))
    replica = Replica("r", UnixAddress(folder / "s"))
    try:
        return await replica.request(b"POST", b"/invocations", {}, b"", 10, most_bytes=most_bytes)
    finally:
        replica.close()
        server.close()


@pytest.mark.parametrize("piece", [b"x: " + b"y" * 60_000 + b"\r\n", b"z" * 60_000])
async def test_headers_without_end_are_cut_off(tmp_path: Path, piece: bytes) -> None:
    sent = []

    def endless() -> Iterable[bytes]:
        yield b"HTTP/1.1 200 OK\r\nname: "
        while True:
            sent.append(len(piece))
            yield piece

    with pytest.raises(ConnectionClosed, match="headers are too large"):
        await asked(tmp_path, endless())
    assert sum(sent) < 16 * MAX_HEAD_BYTES  # the sockets hold some as well


async def test_a_large_body_behind_a_small_head_is_taken(tmp_path: Path) -> None:
    size = 4 * MAX_HEAD_BYTES
    answer = await asked(tmp_path, [b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size, bytes(size)])
    assert len(answer.body) == size


async def test_trailers_are_dropped(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: a/b\r\n\r\n"
    answer = await asked(tmp_path, [head, b"1\r\nx\r\n0\r\ncontent-type: c/d\r\n\r\n"])
    assert (answer.body, answer.headers["content-type"]) == (b"x", "a/b")


async def test_many_small_pieces_are_few_in_memory() -> None:
    held: list[int] = []
    pieces = [b"ab"] * 40_000 + [b"c" * 5000, b"d", b"e"]
    sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    connection = ReplicaConnection()
    connection._parser = httptools.HttpResponseParser(connection)
    connection._waiter = waiter = asyncio.get_running_loop().create_future()
    connection.data_received(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for at in range(0, len(sent), 65536):
        connection.data_received(sent[at : at + 65536])
        held.append(len(connection._chunks))
    assert waiter.result().body == b"".join(pieces)
    assert max(held) < 10


async def test_an_answer_is_no_larger_than_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(ConnectionClosed, match="too large"):
        await asked(tmp_path, [b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n", bytes(2000)], 1000)


def test_answers_under_way_are_bounded_together() -> None:
    room = Room(most_bytes=100, usual_bytes=10)
    assert room.take(90, 90)
    assert room.take(10, 10) and room.take(10, 10)  # small ones are taken whatever the large ones hold
    assert not room.take(1, 91)
    room.give_back(91)
    assert room.take(80, 80)


async def test_an_answer_that_was_passed_on_or_cut_off_is_held_no_more() -> None:
    room = Room()
    for large in (False, True):
        connection = ReplicaConnection(room)
        connection._transport = Mock(is_closing=lambda: False)
        waiting = asyncio.create_task(
            connection.exchange(b"POST", b"/", {}, b"", most_bytes=100 if large else 1000)
        )
        await asyncio.sleep(0)
        connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n" + bytes(400))
        assert room._held == 400
        connection.data_received(bytes(100))
        with pytest.raises(ConnectionClosed) if large else nullcontext():
            assert len((await waiting).body) == 500
        assert room._held == 0


async def test_an_answer_without_length_ends_with_its_connection(tmp_path: Path) -> None:
    """As servers of HTTP/1.0 answer; one that says a length and does not keep to it has failed."""
    answer = await asked(tmp_path, [b"HTTP/1.0 200 OK\r\ncontent-type: text/x\r\n\r\nab", b"cd"])
    assert (answer.status, answer.body) == (200, b"abcd")
    (tmp_path / "s").unlink()
    with pytest.raises(ConnectionClosed, match="closed the connection"):
        await asked(tmp_path, [b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nabcd"])
