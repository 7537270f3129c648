"""What goes through a pipe: objects, records, gunzipped objects, attributes of augmented manifests."""

from __future__ import annotations

import gzip
import json
import struct
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sagehen.api.bounded.json_text import read_json
from sagehen.domain.ports.storage.incoming import Piped
from sagehen.incoming import content as room
from sagehen.incoming.content import Content
from sagehen.incoming.failures import PipeFailed
from tests.unit.sagemaker.conftest import SESSION, FakeObjects

MAGIC = 0xCED7230A


def records(stream: bytes) -> list[bytes]:
    """Read a stream of records, as MXNet's note on the format has it."""
    found = []
    while stream:
        magic, told = struct.unpack_from("<II", stream)
        assert (magic, told >> 29) == (MAGIC, 0)
        length = told & (2**29 - 1)
        found.append(stream[8 : 8 + length])
        stream = stream[8 + length + -length % 4 :]
    return found


class _Reads:
    def __init__(self, objects: FakeObjects) -> None:
        self._objects = objects

    async def read(self, bucket: str, key: str) -> tuple[int, AsyncIterator[bytes]]:
        summary, body = await self._objects.read(SESSION, bucket, key)
        return summary.size, body


def _content(objects: FakeObjects, **members: Any) -> Content:
    return Content(_Reads(objects), Piped("train", "s3://b/m", **members))


async def _all(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


@pytest.fixture
def objects() -> FakeObjects:
    return FakeObjects()


async def test_an_object_is_streamed_as_it_is(objects: FakeObjects) -> None:
    objects.put("s3://b/k", b"0123456789" * 1000)
    assert await _all(_content(objects).of_object("b", "k")) == b"0123456789" * 1000


@pytest.mark.parametrize("length", [0, 1, 4, 4097])
async def test_an_object_becomes_a_record(objects: FakeObjects, length: int) -> None:
    objects.put("s3://b/k", b"r" * length)
    stream = await _all(_content(objects, wraps_records=True).of_object("b", "k"))
    assert records(stream) == [b"r" * length]
    assert len(stream) % 4 == 0


@pytest.mark.parametrize("kept", [10**6, 100])
async def test_what_is_gunzipped_becomes_a_record_of_its_length(
    objects: FakeObjects, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(room, "_KEPT_BYTES", kept)
    objects.put("s3://b/k", gzip.compress(b"one" * 5000) + gzip.compress(b"two") + bytes(2000))
    content = _content(objects, wraps_records=True, is_gzipped=True)
    assert records(await _all(content.of_object("b", "k"))) == [b"one" * 5000 + b"two"]


async def test_a_bomb_is_unpacked_in_pieces(objects: FakeObjects) -> None:
    objects.put("s3://b/k", gzip.compress(bytes(20 * 1024 * 1024)))
    content = _content(objects, is_gzipped=True)
    sizes = [len(chunk) async for chunk in content.of_object("b", "k")]
    assert sum(sizes) == 20 * 1024 * 1024
    assert max(sizes) <= 1024 * 1024


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"plain", id="plain"),
        pytest.param(gzip.compress(b"cut" * 99)[:-9], id="cut off"),
        pytest.param(gzip.compress(b"a") + b"rest", id="followed"),
        pytest.param(b"\x1f", id="hardly begun"),
    ],
)
async def test_what_is_not_gzip_is_named(objects: FakeObjects, data: bytes) -> None:
    objects.put("s3://b/k", data)
    with pytest.raises(PipeFailed, match=r"ClientError: .*s3://b/k is not gzip"):
        await _all(_content(objects, is_gzipped=True).of_object("b", "k"))


async def test_an_object_too_long_for_a_record_is_named(objects: FakeObjects) -> None:
    objects.put("s3://b/k", b"x")
    objects.sizes["k"] = 2**29
    with pytest.raises(PipeFailed, match="too large for a RecordIO record"):
        await _all(_content(objects, wraps_records=True).of_object("b", "k"))


async def test_an_object_of_another_length_than_told_is_named(objects: FakeObjects) -> None:
    objects.put("s3://b/k", b"short")
    objects.sizes["k"] = 100
    with pytest.raises(PipeFailed, match="changed while it was read"):
        await _all(_content(objects, wraps_records=True).of_object("b", "k"))


async def test_a_line_becomes_its_attributes_in_their_order(objects: FakeObjects) -> None:
    objects.put("s3://b/cat.jpg", b"JPEG")
    line = {
        "unlisted": 1, "is-a-cat": 1, "source-ref": "s3://b/cat.jpg", "text": "ü",
        "boxes": [{"a": 1.5}, None],
    }  # fmt: skip
    names = ("source-ref", "is-a-cat", "boxes", "text")
    content = _content(objects, has_lines=True, attributes=names, wraps_records=True)
    stream = await _all(content.of_line(json.dumps(line).encode(), 0))
    assert records(stream) == [b"JPEG", b"1", b'[{"a":1.5},null]', "ü".encode()]
    plain = _content(objects, has_lines=True, attributes=names)
    assert await _all(plain.of_line(json.dumps(line).encode(), 0)) == 'JPEG1[{"a":1.5},null]ü'.encode()


async def test_a_long_line_is_parsed_in_a_thread(
    objects: FakeObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[bool] = []

    def noted(line: bytes) -> Any:
        threads.append(threading.current_thread() is threading.main_thread())
        return read_json(line)

    monkeypatch.setattr(room, "read_json", noted)
    content = _content(objects, has_lines=True, attributes=("text",))
    for length in (10, 20_000):
        assert await _all(content.of_line(b'{"text": "%s"}' % (b"x" * length), 0)) == b"x" * length
    assert threads == [True, False]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "it cannot be read as JSON"),
        (b"[" * 9_000, "it cannot be read as JSON"),
        (b'{"source-ref": [' + b"[]," * 10_000 + b"[]]}", "it holds more than 10000 objects and lists"),
        (b"[1]", "it is no JSON object"),
        (b'{"source-ref": "s3://b/k"}', "it has no attribute 'label'"),
        (b'{"label": 1, "source-ref": 5}', "its attribute 'source-ref' is no S3 URI"),
        (b'{"label": 1, "source-ref": "/etc/passwd"}', "its attribute 'source-ref' is no S3 URI"),
    ],
)
async def test_lines_that_are_none_are_named(objects: FakeObjects, line: bytes, why: str) -> None:
    names = ("label", "source-ref")
    content = _content(objects, has_lines=True, attributes=names)
    with pytest.raises(PipeFailed, match=f"Invalid augmented manifest s3://b/m, line 8: {why}"):
        await _all(content.of_line(line, 7))
