"""What workers read of HTTP means the same to the front's parser, or is left to it."""

from __future__ import annotations

from typing import Any

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.modelserver.wire.plain_request import Incomplete, parse

HEAD = b"POST /invocations HTTP/1.1\r\n"


class Reference:
    """What httptools, as the front uses it, makes of bytes."""

    def __init__(self, data: bytes) -> None:
        self.headers: dict[str, str] = {}
        self.body = b""
        self.messages = 0
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.messages += 1


def parsed(data: bytes) -> Any:
    try:
        return parse(data)
    except Incomplete:
        return "incomplete"


def by_worker(data: bytes) -> Any:
    """Return the headers and the body that a worker reads; None where it leaves the request to the front."""
    call = parsed(data)
    return None if call is None or call == "incomplete" else (call.headers, call.body)


def by_front(data: bytes) -> Any:
    """Return what the front's parser reads, if that is one request, whole, with others to follow."""
    reference = Reference(data)
    if reference.messages != 1 or not reference.parser.should_keep_alive():
        return f"{reference.messages} requests"
    return reference.headers, reference.body


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"host: m\r\ncontent-length: 3\r\n\r\nabc",
        HEAD + b"Content-Type:text/csv \r\nX-A: \t two  words\t\r\nX-A: last\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"x-empty:\r\nx-bytes: \xe9\xff\r\ncontent-length: 1\r\n\r\n\r",
    ],
)
def test_a_plain_request_is_read(data: bytes) -> None:
    assert by_worker(data) == by_front(data)


@pytest.mark.parametrize(
    "data",
    [
        b"GET /ping HTTP/1.1\r\nhost: m\r\n\r\n",
        b"POST /invocations HTTP/1.0\r\ncontent-length: 1\r\n\r\nx",
        b"POST /invocations?x HTTP/1.1\r\ncontent-length: 1\r\n\r\nx",
        HEAD + b"content-length: 1\r\n\r\nxPOST",  # the next one follows
        HEAD + b"content-length: 1\r\ncontent-length: 1\r\n\r\nx",
        HEAD + b"content-length: 1, 1\r\n\r\nx",
        HEAD + b"content-length: +1\r\n\r\nx",
        HEAD + b"content-length: -1\r\n\r\nx",
        HEAD + b"content-length: \xb2\r\n\r\nx",
        HEAD + b"content-length: 99999999999999999999\r\n\r\nx",
        HEAD + b"host: m\r\n\r\n",
        HEAD + b"content-length : 1\r\n\r\nx",
        HEAD + b"content-length: 1\r\n folded\r\n\r\nx",
        HEAD + b"content-length: 1\nx-a: b\r\n\r\nx",
        HEAD + b"content-length: 1\r\nx-a: \x00\r\n\r\nx",
        HEAD + b"content-length: 1\r\nconnection: close\r\n\r\nx",
        HEAD + b"content-length: 1\r\nexpect: 100-continue\r\n\r\nx",
        HEAD + b"transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: identity\r\ncontent-length: 1\r\n\r\nx",
        HEAD + b"transfer-encoding : chunked\r\ncontent-length: 1\r\n\r\nx",
        HEAD + b"content-length: 1 \r\n\r\nx",
        HEAD + b"content-length: 0x1\r\n\r\nx",
        HEAD + b"content-length: 1\r\nx-a: \r b\r\n\r\nx",
        HEAD + b"content-length: 1\r\nx\x00a: b\r\n\r\nx",
        HEAD + b"content-length: 1\r\n: b\r\n\r\nx",
        HEAD + b"content-length: 1\r\nX-Amzn-SageMaker-Session-Id: NEW_SESSION\r\n\r\nx",
        b"\r\n\r\n",
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_the_front(data: bytes) -> None:
    assert parsed(data) is None


@pytest.mark.parametrize("size", [0, 1, 5, 30, 48, 50])
def test_the_beginning_of_a_request_is_known_for_one(size: int) -> None:
    assert parsed((HEAD + b"content-length: 3\r\n\r\nabc")[:size]) == "incomplete"


LINES = st.sampled_from(
    [
        b"content-length:2\r\n",
        b"Content-Length: 0\t\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"transfer_encoding: chunked\r\n",
        b"proxy-connection: close\r\n",
        b"Connection: close\r\n",
        b"x: y \t\r\n",
    ]
)
NAMES = st.text("aZ-_!^~", min_size=1, max_size=3).map(str.encode)
VALUES = st.lists(st.sampled_from([b" ", b"\t", b"v", b":", b",", b"\x7f", b"\xe9"]), max_size=4).map(
    b"".join
)
OWN_LINES = st.builds(lambda name, value: name + b":" + value + b"\r\n", NAMES, VALUES)
NOISE = st.sampled_from([b"", b"", HEAD, b" \t", b":", b"\r\n", b"\r", b"\n", b"\x00", b"\x0b"])


@given(st.lists(LINES | OWN_LINES, max_size=2), NOISE | st.binary(max_size=3), OWN_LINES | NOISE)
def test_a_worker_reads_nothing_that_the_front_would_read_otherwise(
    lines: list[bytes], noise: bytes, last: bytes
) -> None:
    for end in (b"\r\n", b"content-length: 0\r\n\r\n", b"content-length: 2\r\n\r\nab"):
        data = HEAD + b"".join(lines) + noise + last + end
        read = by_worker(data)
        assert read is None or read == by_front(data)
