"""Objects read in pieces: whole, as one object, and beyond what S3 answers just now."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from typing import Any, cast

import pytest

from sagehen.cluster.porters.objects import reading
from sagehen.cluster.porters.objects.fetching import ObjectRefused
from sagehen.cluster.porters.objects.reading import Reading
from sagehen.cluster.porters.objects.s3 import S3, S3Refused
from sagehen.incoming.failures import PipeFailed

BODY = bytes(range(10))
BUSY = S3Refused(503, "SlowDown", "", "")
EMPTY = S3Refused(416, "InvalidRange", "", "")
DENIED = S3Refused(403, "AccessDenied", "no", "")
CHANGED = S3Refused(412, "PreconditionFailed", "", "")
GONE = S3Refused(404, "NoSuchKey", "", "")


class _S3:
    """Gives BODY, or what the turn says; each is one answer."""

    def __init__(self, turns: list[Exception | None]) -> None:
        self._turns = turns
        self.asked: list[Mapping[str, str]] = []
        self.is_closed = False

    @contextlib.contextmanager
    def get(self, bucket: str, key: str, headers: Mapping[str, str]) -> Iterator[Any]:
        self.asked.append(headers)
        if self._turns and (error := self._turns.pop(0)) is not None:
            raise error
        first, last = map(int, headers["Range"].removeprefix("bytes=").split("-"))
        answer = io.BytesIO(BODY[first : last + 1])
        answer.headers = {"Content-Range": f"bytes x/{len(BODY)}", "ETag": '"e"'}  # type: ignore[attr-defined]
        yield cast(HTTPResponse, answer)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reading]:
    monkeypatch.setattr(reading, "PIECE_BYTES", 4)
    monkeypatch.setattr(reading, "_FIRST_PAUSE_S", 0.0)
    with ThreadPoolExecutor(1) as threads:
        yield Reading(threads)


async def _all(read: Reading) -> tuple[int, bytes]:
    size, pieces = await read.read("b", "k")
    return size, b"".join([piece async for piece in pieces])


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ([], (10, BODY)),
        ([BUSY, None, ConnectionResetError(), BUSY], (10, BODY)),
        ([EMPTY], (0, b"")),
        ([DENIED], ObjectRefused),
        ([GONE], ObjectRefused),
        ([None, DENIED], ObjectRefused),
        ([None, CHANGED], PipeFailed),
        ([None, GONE], PipeFailed),
    ],
)
async def test_an_object_is_read_as_one(
    read: Reading, turns: list[Exception | None], found: tuple[int, bytes] | type[Exception]
) -> None:
    s3 = _S3(list(turns))
    read.use(cast(S3, s3))
    if isinstance(found, tuple):
        assert await _all(read) == found
        assert [each.get("If-Match") for each in s3.asked][-1] == ('"e"' if found[0] else None)
    else:
        with pytest.raises(found):
            await _all(read)


async def test_what_cannot_be_reached_for_long_is_given_up(
    read: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PATIENCE_S", 0.0)
    read.use(cast(S3, _S3([ConnectionResetError()] * 10**4)))
    with pytest.raises(ConnectionResetError):
        await _all(read)


def test_a_client_that_is_lost_takes_no_other_with_it(read: Reading) -> None:
    first, second = _S3([]), _S3([])
    read.use(cast(S3, first))
    read.use(cast(S3, second))
    read.lose(cast(S3, first))
    assert first.is_closed and not second.is_closed and read._s3 is cast(S3, second)
    read.lose(cast(S3, second))
    assert second.is_closed and read._s3 is None
