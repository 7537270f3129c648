"""The `aws-chunked` encoding, in pieces of any size and in nonsense."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.api.errors import ServiceError
from sagehen.gateway.requests.body import IncompleteBody
from sagehen.gateway.signatures.aws_chunked import ChunkedBody
from sagehen.gateway.signatures.seal import Seal


class Pieces:
    length: int | None = None

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece

    async def read(self, limit: int) -> bytes:
        return b"".join(self._pieces)

    def trailers(self) -> dict[str, str]:
        return {}


@given(
    st.lists(st.binary(min_size=1, max_size=300), max_size=5),
    st.lists(st.integers(1, 50_000), max_size=12),
)
async def test_chunks_in_pieces_of_any_size(chunks: list[bytes], cuts: list[int]) -> None:
    chunks[:-1] = [chunk.ljust(8192, b"a") for chunk in chunks[:-1]]
    wire = (
        b"".join(b"%X\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
        + b"0\r\nx-amz-checksum-a:b\r\n\r\n"
    )
    edges = sorted({0, *(cut % len(wire) for cut in cuts), len(wire)})
    pieces = [wire[a:b] for a, b in itertools.pairwise(edges)]
    content = b"".join(chunks)
    headers = {"x-amz-decoded-content-length": str(len(content)), "x-amz-trailer": "x-amz-checksum-a"}
    body = ChunkedBody(Pieces(pieces), Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), headers)
    assert await body.read(50_000) == content
    assert body.trailers() == {"x-amz-checksum-a": "b"}


@given(st.binary(max_size=200))
async def test_chunks_of_nonsense(noise: bytes) -> None:
    headers = {"x-amz-decoded-content-length": "5"}
    body = ChunkedBody(Pieces([noise]), Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), headers)
    with pytest.raises(ServiceError):
        await body.read(1000)


async def test_endless_chunk_head_is_cut() -> None:
    body = ChunkedBody(
        Pieces([b"1" * 5000]),
        Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        {"x-amz-decoded-content-length": "5"},
    )
    with pytest.raises(ServiceError, match="malformed"):
        await body.read(1000)
    for headers in ({}, {"x-amz-decoded-content-length": "-1"}):
        with pytest.raises(ServiceError):
            ChunkedBody(Pieces([]), Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), headers)
    with pytest.raises(ServiceError, match="valid sha256"):
        ChunkedBody(Pieces([]), Seal("nonsense"), {"x-amz-decoded-content-length": "5"})


async def test_more_data_than_declared() -> None:
    headers = {"x-amz-decoded-content-length": "2"}
    body = ChunkedBody(
        Pieces([b"3\r\nabc\r\n0\r\n\r\n"]), Seal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), headers
    )
    with pytest.raises(IncompleteBody):
        await body.read(1000)
