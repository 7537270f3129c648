"""Whatever a handler says of its answer, a client reads one answer, and reads all of it."""

from __future__ import annotations

import contextlib
import http
import http.client
import socket
from typing import Any

import httptools
import pytest

from sagehen.modelserver.hooks.context import Context
from sagehen.modelserver.hooks.errors import status_of
from sagehen.modelserver.messages import Answer
from sagehen.modelserver.wire import heads


class Client:
    """What httptools, as the platform's router uses it, makes of answers on one connection."""

    def __init__(self, data: bytes) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.bodies = [b""]
        httptools.HttpResponseParser(self).feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value))

    def on_body(self, body: bytes) -> None:
        self.bodies[-1] += body

    def on_message_complete(self) -> None:
        self.bodies.append(b"")


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("X-A", "1\r\nx-b: 2\r\n\r\nHTTP/1.1 200 OK", b"1  x-b: 2    HTTP/1.1 200 OK"),
        ("X-A", "a\x00b\x7f\tc", b"a b \tc"),
        ("X-A", "é€", b"\xe9?"),
        ("X-A", 5, b"5"),
        ("Content-Length", "1", None),
        ("Transfer-Encoding", "chunked", None),
        ("Connection", "close", None),
    ],
)
def test_a_header_cannot_split_answers(name: str, value: Any, read: bytes | None) -> None:
    context = Context("")
    context.set_response_header(0, name, value)
    answer = Answer(200, "text/plain\r\nx-c: 3", b"body", context.response_headers)
    one = heads.head(answer, heads.whole(answer), True) + answer.body
    client = Client(one + one)
    assert client.bodies == [b"body", b"body", b""]
    own = [(b"content-type", b"text/plain  x-c: 3"), (b"content-length", b"4")]
    assert client.headers == 2 * (own + ([(name.lower().encode(), read)] if read else []))


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "é"])
def test_a_name_that_is_none_is_the_handlers_mistake(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a header"):
        Context("").set_response_header(0, name, "value")


@pytest.mark.parametrize("code", [0, 100, 101, 199, 600, -200])
def test_a_status_that_ends_no_answer_is_the_handlers_mistake(code: int) -> None:
    with pytest.raises(ValueError, match="status is 200 to 599"):
        Context("").set_response_status(code)


@pytest.mark.parametrize("code", [404, "404", http.HTTPStatus.NOT_FOUND])
def test_a_status_is_a_plain_number_whatever_names_it(code: Any) -> None:
    context = Context("")
    context.set_response_status(code)
    assert type(context.response_status) is int and context.response_status == 404


def test_an_exceptions_status_is_a_plain_number_too() -> None:
    error = ValueError("gone")
    error.status_code = http.HTTPStatus.GONE  # type: ignore[attr-defined]
    assert type(status_of(error)) is int and status_of(error) == 410


def test_an_answer_without_a_body_has_none(start_server: Any) -> None:
    server = start_server("""
        def model_fn(model_dir):
            return None

        def transform_fn(model, data, content_type, accept, context):
            if data != "plain":
                context.set_response_status(int(data[-3:]))
            return iter((b"a", b"b")) if data.startswith("stream") else b"body"
    """)
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
        connection.settimeout(60)
        connection.connect(str(server.socket))
        for asked in (b"204", b"304", b"stream 204", b"plain"):
            connection.sendall(
                b"POST /invocations HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(asked), asked)
            )
            response = http.client.HTTPResponse(connection, method="POST")
            response.begin()
            expected = (200, b"body") if asked == b"plain" else (int(asked[-3:]), b"")
            assert (response.status, response.read()) == expected
