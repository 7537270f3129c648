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


def same(data: bytes) -> bool:
    """Compare with the parser; return whether a call was read at all."""
    call = parsed(data)
    if call is None or call == "incomplete":
        return False
    reference = Reference(data)
    assert reference.messages == 1 and reference.parser.should_keep_alive()
    assert (call.headers, call.body) == (reference.headers, reference.body)
    return True


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"host: m\r\ncontent-length: 3\r\n\r\nabc",
        HEAD + b"Content-Type:text/csv \r\nX-A: \t two  words\t\r\nX-A: last\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"x-empty:\r\nx-bytes: \xe9\xff\r\ncontent-length: 1\r\n\r\n\r",
    ],
)
def test_a_plain_request_is_read(data: bytes) -> None:
    assert same(data)


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
        HEAD + b"content-length: 1\r\nX-Amzn-SageMaker-Session-Id: NEW_SESSION\r\n\r\nx",
        b"\r\n\r\n",
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_the_front(data: bytes) -> None:
    assert parsed(data) is None


@pytest.mark.parametrize("size", [0, 1, 5, 30, 48, 50])
def test_the_beginning_of_a_request_is_known_for_one(size: int) -> None:
    assert parsed((HEAD + b"content-length: 3\r\n\r\nabc")[:size]) == "incomplete"


PIECES = [
    HEAD,
    b"content-length: 2\r\n",
    b"content-length:2\r\n",
    b"x: y\r\n",
    b" \t",
    b":",
    b"\r\n",
    b"\n",
    b"ab",
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=8))
def test_whatever_is_read_means_the_same_to_the_parser(pieces: list[bytes]) -> None:
    same(HEAD + b"".join(pieces))
    same(HEAD + b"".join(pieces) + b"content-length: 0\r\n\r\n")
