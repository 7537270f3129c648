"""A file on its way to S3: in chunks, with its checksum behind them, as S3 reads it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
from awscrt.checksums import crc64nvme

from sagehen.cluster.porters.objects.s3 import S3
from sagehen.cluster.porters.objects.sending import Body, BodyShort
from sagehen.cluster.porters.objects.trailing import CHUNK_BYTES, trailing
from sagehen.domain.identity import Credentials
from sagehen.gateway.signatures.aws_chunked import ChunkedBody
from sagehen.gateway.signatures.seal import Seal

WORD = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


class Pieces:
    length: int | None = None

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content

    async def read(self, limit: int) -> bytes:
        return self._content

    def trailers(self) -> dict[str, str]:
        return {}


def body_of(pieces: list[bytes], size: int) -> Body:
    return Body(size, lambda: iter(pieces))


@pytest.mark.parametrize("piece_bytes", [CHUNK_BYTES, CHUNK_BYTES - 1, 10_000])
@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 17])
async def test_s3_reads_what_was_there(size: int, piece_bytes: int) -> None:
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    pieces = [content[at : at + piece_bytes] for at in range(0, size, piece_bytes)]
    sent, headers = trailing(body_of(pieces, size))
    told = b"".join(sent.pieces())
    assert len(told) == sent.size and b"".join(sent.pieces()) == told
    named = {name.lower(): value for name, value in headers.items()}
    read = ChunkedBody(Pieces(told), Seal(WORD), named)
    assert await read.read(size + 1) == content
    checksum = base64.b64encode(crc64nvme(content).to_bytes(8, "big")).decode()
    assert read.trailers() == {"x-amz-checksum-crc64nvme": checksum}


def test_a_file_that_was_cut_has_no_end() -> None:
    sent, _ = trailing(body_of([b"x" * 10], 11))
    with pytest.raises(BodyShort):
        list(sent.pieces())


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, WORD),
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"x", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
    ],
)
def test_what_is_signed_of_a_body(content: bytes | None, word: str) -> None:
    s3 = S3(lambda: pytest.fail("nobody is asked"), Credentials("key", "secret"), "us-east-1")
    signed = s3._signed("PUT", "/bucket/key", {"x-amz-trailer": "a"}, "us-east-1", content)
    assert signed["X-Amz-Content-SHA256"] == word
    assert "x-amz-content-sha256" in signed["Authorization"] and "x-amz-trailer" in signed["Authorization"]
