"""Compression, where an API asks for it."""

from __future__ import annotations

import gzip

import pytest

from tests.unit.apigateway.data_plane.house import House, api, method


def house(least: int | None) -> House:
    running = House(api({"/": [method(verb="POST")]}, minimum_compression_size=least))
    running.functions.behave = lambda event: {"body": event["body"]}
    return running


@pytest.mark.parametrize(("least", "compressed"), [(None, False), (0, True), (1000, True), (1001, False)])
async def test_answers_from_the_minimum_on(least: int | None, compressed: bool) -> None:
    response = await house(least).call("POST", "/", b"x" * 1000, {"Accept-Encoding": "br, gzip;q=1.0"})
    assert (response.header("content-encoding") == "gzip") is compressed
    assert (gzip.decompress(response.body) if compressed else response.body) == b"x" * 1000


async def test_clients_that_take_none_get_none() -> None:
    response = await house(0).call("POST", "/", b"x" * 1000, {"Accept-Encoding": "br"})
    assert (response.header("content-encoding"), response.body) == (None, b"x" * 1000)


async def test_compressed_requests() -> None:
    running = house(10_000)
    response = await running.call("POST", "/", gzip.compress(b"hello"), {"Content-Encoding": "gzip"})
    assert response.body == b"hello"
    assert "Content-Encoding" not in running.functions.events[0]["headers"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no gzip", 400),
        (gzip.compress(b"x" * 100, mtime=0)[:-9], 400),
        (gzip.compress(bytes(11 * 1024 * 1024), mtime=0), 413),
    ],
)
async def test_bad_bodies(body: bytes, status: int) -> None:
    assert (await house(0).call("POST", "/", body, {"Content-Encoding": "gzip"})).status == status
