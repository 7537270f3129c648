"""Gunzip: a stream of gzip's made the stream of its content, in pieces of bounded size."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Any

# A few bytes may become a thousand times as many.
_PIECE_BYTES = 1024 * 1024


class NotGzip(Exception):
    """It is not gzip, or is cut off; the message says which."""


async def gunzip(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the content of a gzip file of one or several members.

    Raises:
        NotGzip
    """
    member, begun = zlib.decompressobj(wbits=31), False
    async for chunk in chunks:
        # Zeros behind a member are padding, as gzip itself takes them; no member begins with one.
        rest = chunk if begun else chunk.lstrip(b"\0")
        while rest:
            begun = True
            if piece := await _piece(member, rest):
                yield piece
            rest = member.unconsumed_tail
            if member.eof:
                rest = member.unused_data.lstrip(b"\0")
                member, begun = zlib.decompressobj(wbits=31), False
    while begun and (piece := await _piece(member, b"")):  # what no piece had room for
        yield piece
    if begun and not member.eof:
        raise NotGzip("it ends within a member")


async def _piece(member: Any, data: bytes) -> bytes:
    try:
        piece: bytes = await asyncio.to_thread(member.decompress, data, _PIECE_BYTES)
    except zlib.error as error:
        raise NotGzip(str(error)) from None
    return piece
