"""The table of operations, what the evaluator is asked, and the small steps one by one."""

from __future__ import annotations

import gzip
import itertools
import logging
import re
import socket
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.api.errors import ServiceError
from sagehen.api.operation import Service, operation
from sagehen.gateway.operations.table import OperationTable
from sagehen.gateway.requests.body import IncompleteBody, RequestEntityTooLarge
from sagehen.gateway.requests.compression import decompressed
from sagehen.gateway.s3.forms.policy import read_policy
from sagehen.gateway.signatures.aws_chunked import ChunkedBody
from sagehen.gateway.signatures.seal import Seal
from sagehen.gateway.signatures.sigv4 import canonical_path, canonical_query
from sagehen.protocol.models.catalog import Catalog

from ..conftest import RunningDoor, make_door
from ..connections.test_connection import HEALTH, dial, exchange, read_all
from ..signatures.test_signatures import send

CATALOG = Catalog(("sts", "s3"))


class Known:
    @operation("GetCallerIdentity")
    async def get(self, context: Any, request: Any) -> None: ...


class Unknown:
    @operation("GetCallerIdentitee")
    async def get(self, context: Any, request: Any) -> None: ...


@pytest.mark.parametrize(
    ("services", "message"),
    [
        ([Service("sts", (Unknown(),))], "no operation 'GetCallerIdentitee'"),
        ([Service("sts", (Known(), Known()))], "'GetCallerIdentity' twice"),
        ([Service("sts", (Known(),)), Service("sts", (Known(),))], "twice"),
        ([Service("logs", ())], "'logs' is not in the catalog"),
    ],
)
def test_table_refuses(services: list[Service], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        OperationTable(services, CATALOG)


def test_evaluator_is_asked_with_the_keys_of_the_request(running: RunningDoor) -> None:
    running.client("logs", region="eu-west-1").describe_log_groups()
    [(access, environment)] = running.authorizer.seen
    assert access.action == "logs:DescribeLogGroups"
    assert environment["aws:SourceIp"] == "127.0.0.1"
    assert environment["aws:SecureTransport"] == "false"
    assert environment["aws:RequestedRegion"] == "eu-west-1"
    assert environment["aws:ViaAWSService"] == "false"
    assert str(environment["aws:UserAgent"]).startswith("Boto3")


def test_access_log(running: RunningDoor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sagehen.access")
    running.client("sts").get_caller_identity()
    deadline = time.monotonic() + 60  # the line is written after the answer
    while not caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert re.search(r"sts.GetCallerIdentity arn:\S+:root 200 \d+ B", caplog.text)
    assert "Signature" not in caplog.text


async def test_requests_under_way_end_before_stop(tmp_path: Path) -> None:
    import asyncio

    door, *_ = make_door(tmp_path)
    port = await door.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"PUT /public/k HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc")
    async with asyncio.timeout(60):
        while not door.hall.server_state.tasks:
            await asyncio.sleep(0.005)
    stopping = asyncio.create_task(door.stop(5.0))
    await asyncio.sleep(0.1)
    writer.write(b"def")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await stopping
    writer.close()


def test_absolute_request_for_aws_is_answered_here(running: RunningDoor) -> None:
    answer = exchange(
        running, b"GET http://s3.amazonaws.com/public/none HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n"
    )
    assert b"404" in answer.split(b"\r\n")[0]
    assert b"connection: close" in answer


def test_two_requests_on_one_tls_connection_and_many_hosts(running: RunningDoor) -> None:
    import ssl

    context = ssl.create_default_context(cafile=str(running.door.ca_certificate_path))
    for host in ("logs.eu-west-1.amazonaws.com", "api.sagemaker.us-east-1.amazonaws.com"):
        with dial(running) as client:
            client.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            client.recv(1000)
            with context.wrap_socket(client, server_hostname=host) as secure:
                for _ in range(2):
                    secure.sendall(HEALTH)
                    answer = b""
                    while not answer.endswith(b"}}"):
                        answer += secure.recv(65536)
                    assert answer.startswith(b"HTTP/1.1 200")


def test_patient_slow_reader_gets_everything(running: RunningDoor) -> None:
    (running.objects.folder / "file-slow").write_bytes(b"z" * 3_000_000)
    with dial(running) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.sendall(b"GET /public/file-slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        got = 0
        while piece := client.recv(200_000):
            got += len(piece)
            time.sleep(0.01)
    assert got > 2_999_999


def test_many_requests_at_once(running: RunningDoor) -> None:
    statuses: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            status, _ = send(running, "PUT", f"/public/{number}", {}, b"%d" % number * 1000)
            statuses.append(status)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 160
    assert all(running.objects.stored["public", str(n)] == b"%d" % n * 1000 for n in range(8))


def test_pipelined_garbage_does_not_spoil_the_answer_before(running: RunningDoor) -> None:
    with dial(running) as client:
        client.sendall(HEALTH + b"\x00\x01garbage\r\n\r\n")
        assert read_all(client).startswith(b"HTTP/1.1 200")
    assert exchange(running, HEALTH[:-2] + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")


# --- small steps ----------------------------------------------------------------------------


class Pieces:
    length: int | None = None

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece

    async def read(self, limit: int) -> bytes:
        return b"".join(self._pieces)

    def trailers(self) -> dict[str, str]:
        return {}


@given(
    st.lists(st.binary(min_size=1, max_size=300), max_size=5),
    st.lists(st.integers(1, 50_000), max_size=12),
)
async def test_chunks_in_pieces_of_any_size(chunks: list[bytes], cuts: list[int]) -> None:
    chunks[:-1] = [chunk.ljust(8192, b"a") for chunk in chunks[:-1]]
    wire = (
        b"".join(b"%X\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
        + b"0\r\nx-amz-checksum-a:b\r\n\r\n"
    )
    edges = sorted({0, *(cut % len(wire) for cut in cuts), len(wire)})
    pieces = [wire[a:b] for a, b in itertools.pairwise(edges)]
    content = b"".join(chunks)
    headers = {"x-amz-decoded-content-length": str(len(content)), "x-amz-trailer": "x-amz-checksum-a"}
    body = ChunkedBody(Pieces(pieces), Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), headers)
    assert await body.read(50_000) == content
    assert body.trailers() == {"x-amz-checksum-a": "b"}


@given(st.binary(max_size=200))
async def test_chunks_of_nonsense(noise: bytes) -> None:
    headers = {"x-amz-decoded-content-length": "5"}
    body = ChunkedBody(Pieces([noise]), Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), headers)
    with pytest.raises(ServiceError):
        await body.read(1000)


async def test_endless_chunk_head_is_cut() -> None:
    body = ChunkedBody(
        Pieces([b"1" * 5000]),
        Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        {"x-amz-decoded-content-length": "5"},
    )
    with pytest.raises(ServiceError, match="malformed"):
        await body.read(1000)
    for headers in ({}, {"x-amz-decoded-content-length": "-1"}):
        with pytest.raises(ServiceError):
            ChunkedBody(Pieces([]), Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), headers)
    with pytest.raises(ServiceError, match="valid sha256"):
        ChunkedBody(Pieces([]), Seal("nonsense"), {"x-amz-decoded-content-length": "5"})


async def test_more_data_than_declared() -> None:
    headers = {"x-amz-decoded-content-length": "2"}
    body = ChunkedBody(
        Pieces([b"3\r\nabc\r\n0\r\n\r\n"]), Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), headers
    )
    with pytest.raises(IncompleteBody):
        await body.read(1000)


def test_gzip() -> None:
    headers = {"content-encoding": "gzip", "a": "b"}
    assert decompressed(headers, gzip.compress(b"x" * 1000), 1000) == ({"a": "b"}, b"x" * 1000)
    assert decompressed({}, b"plain", 1000) == ({}, b"plain")
    with pytest.raises(RequestEntityTooLarge):
        decompressed(headers, gzip.compress(b"x" * 1_000_000), 1000)
    for broken in (b"", b"nonsense", gzip.compress(b"abc")[:-4]):
        with pytest.raises(ServiceError, match="gzip"):
            decompressed(headers, broken, 1000)


@pytest.mark.parametrize(
    ("path", "single", "double"),
    [
        ("/", "/", "/"),
        ("", "/", "/"),
        ("/a%20b", "/a%20b", "/a%2520b"),
        ("/a//b/./c/../d/", "/a//b/./c/../d/", "/a/b/d/"),
        ("/(x)", "/%28x%29", "/%28x%29"),
        ("/..", "/..", "/"),
    ],
)
def test_canonical_paths(path: str, single: str, double: str) -> None:
    assert (canonical_path(path, True), canonical_path(path, False)) == (single, double)


def test_canonical_query() -> None:
    assert canonical_query("b=2&a&A=%7e&b=1&c=x/y") == "A=~&a=&b=1&b=2&c=x%2Fy"
    assert canonical_query("") == ""


@pytest.mark.parametrize("document", ["", "!", "e30=", "W10=", "eyJleHBpcmF0aW9uIjogIngifQ=="])
def test_malformed_policies(document: str) -> None:
    with pytest.raises(ServiceError, match="Invalid Policy"):
        read_policy(document)
