"""Answers as they are sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sagehen.api.streams import Streamed
from sagehen.gateway.connections.respond import respond
from sagehen.protocol.http import HttpResponse


async def _pieces() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK"


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("streams", [False, True])
async def test_what_has_no_body_is_sent_without_the_one_that_a_function_gave(
    status: int, streams: bool
) -> None:
    sent = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    body = Streamed(_pieces()) if streams else b"HTTP/1.1 200 OK"
    assert await respond(send, HttpResponse(status, {}, body), head=False, close=False) == 0
    assert [message.get("body") for message in sent] == [None, b""]
