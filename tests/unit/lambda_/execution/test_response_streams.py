"""Answers that come in pieces: a runtime made of one socket speaks to the Runtime API, step by step."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from sagehen.services.lambda_.execution import response_stream
from sagehen.services.lambda_.execution.contract import Invocation
from sagehen.services.lambda_.execution.response_stream import Pieces, ResponseStream
from sagehen.services.lambda_.execution.runtime_api import connection
from sagehen.services.lambda_.execution.runtime_api.answers import Answer
from sagehen.services.lambda_.execution.runtime_api.api import RuntimeApi

from .conftest import company

REQUEST_ID = "00000000-0000-4000-8000-000000000001"
ERROR = {"errorType": "Broken", "errorMessage": "half-way"}


@dataclass
class Runtime:
    """The other end of the Runtime API: what a custom runtime sends, byte by byte."""

    api: RuntimeApi
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    stream: ResponseStream
    answer: asyncio.Future[Answer]

    def say(self, text: str) -> None:
        self.writer.write(text.replace("\n", "\r\n").encode())

    def begin(self, mode: str = "streaming", content_type: str = "text/plain") -> None:
        self.say(
            f"POST /2018-06-01/runtime/invocation/{REQUEST_ID}/response HTTP/1.1\nHost: x\n"
            f"Content-Type: {content_type}\nLambda-Runtime-Function-Response-Mode: {mode}\n"
            "Transfer-Encoding: chunked\nTrailer: Lambda-Runtime-Function-Error-Type\n\n"
        )

    def chunk(self, data: bytes) -> None:
        self.writer.write(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self, trailers: str = "") -> None:
        self.say(f"0\n{trailers}\n")

    async def told(self) -> int:
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
        await self.reader.readexactly(int(length.split(b":")[1]))
        return int(head.split(b" ")[1])


@pytest.fixture
async def runtime() -> AsyncIterator[Runtime]:
    api, stream = RuntimeApi(company()), ResponseStream()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    close = await api.serve(listener)
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    answer = api.deliver(Invocation(REQUEST_ID, b"{}", "arn", stream=stream), 1, "trace")
    yield Runtime(api, reader, writer, stream, answer)
    writer.close()
    await close()


async def test_the_first_piece_is_there_before_the_second_is_written(runtime: Runtime) -> None:
    runtime.begin(content_type="text/html")
    assert await runtime.stream.opened()
    pieces = Pieces(runtime.stream)
    for text in (b"one", b"two"):
        runtime.chunk(text)
        assert await anext(pieces) == text
        assert not runtime.answer.done()
    runtime.end()
    assert await runtime.answer == Answer(b"")
    assert await runtime.told() == 202
    runtime.stream.close()
    assert [piece async for piece in pieces] == []
    assert runtime.stream.content_type == "text/html"


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (base64.b64encode(json.dumps(ERROR).encode()).decode(), ERROR),
        ("not base64!", {"errorType": "Broken"}),
        ("", {"errorType": "Broken"}),
    ],
)
async def test_trailers_tell_what_broke_in_the_middle(
    runtime: Runtime, body: str, document: dict[str, str]
) -> None:
    runtime.begin()
    runtime.chunk(b"half")
    trailers = "Lambda-Runtime-Function-Error-Type: Broken\n"
    runtime.end(trailers + (f"Lambda-Runtime-Function-Error-Body: {body}\n" if body else ""))
    answer = await runtime.answer
    assert (answer.error_type, json.loads(answer.payload)) == ("Broken", document)
    assert await runtime.stream.next() == b"half"


async def test_a_connection_that_ends_too_early_is_told(runtime: Runtime) -> None:
    runtime.begin()
    runtime.chunk(b"half")
    assert await runtime.stream.next() == b"half"
    runtime.writer.close()
    assert await runtime.answer == Answer(b"", truncated=True)


async def test_who_reads_slowly_makes_the_runtime_wait(runtime: Runtime) -> None:
    piece, total = b"x" * 65536, 512
    runtime.begin()

    async def write() -> None:
        for _ in range(total):
            runtime.chunk(piece)
            await runtime.writer.drain()
        runtime.end()

    writing = asyncio.create_task(write())
    assert await runtime.stream.opened()
    # Nobody reads: the sockets' buffers fill, and then the runtime stands still.
    held = -1
    while held != (held := len(runtime.stream._pieces)) or not held:
        await asyncio.sleep(0.02)
    assert not writing.done()
    assert runtime.stream._held_bytes < 1024 * 1024
    read = 0
    while read < total * len(piece):
        read += len(await runtime.stream.next())
    await writing
    assert await runtime.answer == Answer(b"")


async def test_a_function_goes_on_without_its_client(runtime: Runtime) -> None:
    runtime.begin()
    assert await runtime.stream.opened()
    pieces = Pieces(runtime.stream)
    del pieces  # never read
    for _ in range(64):
        runtime.chunk(b"x" * 65536)
        await runtime.writer.drain()
    runtime.end()
    assert await runtime.answer == Answer(b"")


async def test_more_than_the_quota_ends_it(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    assert response_stream.MOST_BYTES == 209_715_200
    monkeypatch.setattr(connection, "MOST_BYTES", 10)
    runtime.begin()
    runtime.chunk(b"x" * 8)
    assert await runtime.stream.next() == b"x" * 8
    runtime.chunk(b"x" * 8)
    assert (await runtime.answer).too_large == 10


async def test_one_answer_is_enough(runtime: Runtime) -> None:
    runtime.begin()
    assert await runtime.stream.opened()
    other_reader, other = await asyncio.open_connection(*runtime.writer.get_extra_info("peername"))
    second = Runtime(runtime.api, other_reader, other, runtime.stream, runtime.answer)
    for kind in ("response", "error"):
        path = f"/2018-06-01/runtime/invocation/{REQUEST_ID}/{kind}"
        second.say(f"POST {path} HTTP/1.1\nHost: x\nContent-Length: 2\n\n{{}}")
        assert await second.told() == 403
    other.close()
    runtime.end()
    assert await runtime.answer == Answer(b"")


async def test_trailers_are_bounded(runtime: Runtime) -> None:
    runtime.begin()
    runtime.say("0\nLambda-Runtime-Function-Error-Body: ")
    with pytest.raises(ConnectionError):
        for _ in range(512):
            runtime.writer.write(b"x" * 65536)
            await runtime.writer.drain()
            await asyncio.sleep(0)
    assert (await runtime.answer).truncated


async def test_who_asked_for_the_whole_gets_the_whole() -> None:
    api = RuntimeApi(company())
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    close = await api.serve(listener)
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    answer = api.deliver(Invocation(REQUEST_ID, b"{}", "arn"), 1, "trace")
    runtime = Runtime(api, reader, writer, ResponseStream(), answer)
    runtime.begin()
    runtime.chunk(b'"a')
    runtime.chunk(b'b"')
    runtime.end()
    assert await answer == Answer(b'"ab"')
    assert not runtime.stream.has_begun
    writer.close()
    await close()


async def test_requests_that_come_too_many_at_once_end_the_connection(runtime: Runtime) -> None:
    runtime.writer.write(b"GET /x HTTP/1.1\r\n\r\n" * 2_000)
    assert (await runtime.reader.read()).count(b"HTTP/1.1 404") < 2_000


async def test_who_reads_no_answers_is_not_heard(runtime: Runtime) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    client = socket.create_connection(listener.getsockname())
    transport, _connection = await asyncio.get_running_loop().create_connection(
        lambda: connection.Connection(runtime.api), sock=listener.accept()[0]
    )
    transport.set_write_buffer_limits(high=0)
    transport.write(b"x" * 16_777_216)  # more than a kernel takes of what nobody reads
    assert not transport.is_reading()
    client.setblocking(False)
    received = 0
    while received < 16_777_216:
        received += len(await asyncio.get_running_loop().sock_recv(client, 1 << 20))
    await asyncio.sleep(0)
    while not transport.is_reading():
        await asyncio.sleep(0.001)
    transport.abort()
    client.close()
    listener.close()
