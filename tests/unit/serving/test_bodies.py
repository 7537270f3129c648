"""Bodies that are read while they are sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagehen.serving.body import BodyChanged, StreamedBody

PIECE = bytes(range(256)) * 1024


def streamed(pieces: int, length: int | None = None) -> StreamedBody:
    async def begin() -> AsyncIterator[bytes]:
        async def read() -> AsyncIterator[bytes]:
            for _ in range(pieces):
                yield PIECE

        return read()

    return StreamedBody(pieces * len(PIECE) if length is None else length, begin)


async def test_a_long_body_arrives_whole_and_the_connection_is_kept(start_fake: Any) -> None:
    server = await start_fake("r")
    replica = server.replica()
    for _ in range(2):
        answer = await replica.request(b"POST", b"/invocations", {}, streamed(40), 30)
        assert answer.body == PIECE * 40
    assert server.connections == 1
    replica.close()


@pytest.mark.parametrize("length", [len(PIECE) + 1, len(PIECE) - 1])
async def test_a_body_that_is_longer_or_shorter_than_it_was_said_to_be_is_not_passed_on(
    start_fake: Any, length: int
) -> None:
    server = await start_fake("r")
    replica = server.replica()
    with pytest.raises(BodyChanged):
        await replica.request(b"POST", b"/invocations", {}, streamed(1, length), 30)
    assert not server.seen
    assert (await replica.request(b"POST", b"/invocations", {}, b"next", 30)).body == b"next"
    replica.close()
