"""What answers of functions become."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from sagehen.services.lambda_.urls.prelude import read_prelude
from sagehen.services.lambda_.urls.response import Malformed, answer_of

JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("payload", "body"),
    [  # recorded
        (b'{"hello":"world"}', b'{"hello":"world"}'),
        (b'["hello",3,true]', b'["hello",3,true]'),
        (b'"hello"', b"hello"),
        (b"3", b"3"),
        (b"3.1", b"3.1"),
        (b"true", b"true"),
        (b"null", b"null"),  # from memory
        ('"é"'.encode(), "é".encode()),
    ],
)
def test_what_is_no_response_is_the_body_of_one(payload: bytes, body: bytes) -> None:
    answer = answer_of(payload)
    assert (answer.status, answer.headers, answer.body) == (200, [JSON], body)


@pytest.mark.parametrize(
    ("response", "status", "headers", "body"),
    [
        ({"statusCode": 200, "body": "body123"}, 200, [JSON], b"body123"),
        ({"statusCode": "418"}, 418, [JSON], b""),
        ({"statusCode": 204, "body": None, "unknown": 1}, 204, [JSON], b""),
        ({"statusCode": 201, "body": "aGk=", "isBase64Encoded": True}, 201, [JSON], b"hi"),
        (
            {"statusCode": 200, "headers": {"content-type": "text/html", "A": 1, "B": True, "C": None}},
            200,
            [("content-type", "text/html"), ("A", "1"), ("B", "true")],
            b"",
        ),
        (
            {"statusCode": 302, "headers": {"Location": "/"}, "cookies": ["a=1", "b=2"]},
            302,
            [("Location", "/"), JSON, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
            b"",
        ),
        (
            {"statusCode": 401, "headers": {"WWW-Authenticate": "Basic", "Transfer-Encoding": "chunked"}},
            401,
            [("x-amzn-Remapped-WWW-Authenticate", "Basic"), JSON],
            b"",
        ),
    ],
)
def test_responses(response: Any, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    answer = answer_of(orjson.dumps(response))
    assert (answer.status, answer.headers, answer.body) == (status, headers, body)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"no json",
        b'"\\ud800"',
        b"[" * 100_000,
        b'{"statusCode":99}',
        b'{"statusCode":101}',
        b'{"statusCode":600}',
        b'{"statusCode":"20"}',
        b'{"statusCode":true}',
        b'{"statusCode":200.5}',
        b'{"statusCode":null}',
        b'{"statusCode":200,"body":{"a":1}}',
        b'{"statusCode":200,"body":"%%","isBase64Encoded":true}',
        b'{"statusCode":200,"headers":[]}',
        b'{"statusCode":200,"headers":{"A":["b"]}}',
        b'{"statusCode":200,"cookies":"a=1"}',
        b'{"statusCode":200,"cookies":[1]}',
    ],
)
def test_what_makes_no_sense_is_a_bad_gateway(payload: bytes) -> None:
    answer = answer_of(payload)
    assert (answer.status, answer.headers, answer.body) == (502, [JSON], b"Internal Server Error")


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_prelude_may_come_in_any_pieces(size: int) -> None:
    whole = (
        b'{"statusCode":201,"headers":{"Content-Type":"text/html"},"cookies":["a=1"]}' + bytes(8) + b"\0body"
    )
    pieces = _pieces(*(whole[start : start + size] for start in range(0, len(whole), size)))
    status, headers, first = await read_prelude(pieces)
    assert (status, headers) == (201, [("Content-Type", "text/html"), ("Set-Cookie", "a=1")])
    assert first + b"".join([piece async for piece in pieces]) == b"\0body"


async def test_a_prelude_without_a_status_means_200() -> None:
    assert await read_prelude(_pieces(b"{}" + bytes(8))) == (200, [JSON], b"")


@pytest.mark.parametrize(
    "pieces",
    [(), (b"{}",), (b"{}" + bytes(7),), (b"[]" + bytes(8),), (b"{" + bytes(8),), (b"x" * 200_000,)],
)
async def test_preludes_that_are_none(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(Malformed):
        await read_prelude(_pieces(*pieces))
