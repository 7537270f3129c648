"""Bodies that are not held in memory: what comes in, what goes out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class BodyStream(Protocol):
    """A request body as it arrives. Read it once.

    `length` is the number of bytes of the decoded body (after aws-chunked is taken off), or None
    where the client did not say. Iterating raises a ServiceError if the client breaks off, sends
    too much, or a signature or trailing checksum turns out wrong: write to a temporary name and
    publish only after the last chunk.
    """

    length: int | None

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def read(self, limit: int) -> bytes:
        """Return the whole body; raise RequestTooLarge-like ServiceError beyond `limit` bytes."""
        ...

    def trailers(self) -> dict[str, str]:
        """Return trailing headers (lower-case names), complete once the body was read to its end."""
        ...


async def whole_body(body: bytes | BodyStream, limit: int) -> bytes:
    """Return an uploaded body whole, however the gateway handed it over.

    Args:
        limit: Bytes; a longer stream raises as `BodyStream.read` does.
    """
    return body if isinstance(body, bytes) else await body.read(limit)


class StreamBroken(Exception):
    """A body that is being sent cannot come to its end, and that is the answer: the connection breaks off."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A response body produced while it is sent. `length` None: chunked; `StreamBroken` breaks it off."""

    chunks: AsyncIterator[bytes]
    length: int | None = None

    async def aclose(self) -> None:
        """Release what it holds, read or not: generators do at once."""
        close = getattr(self.chunks, "aclose", None)
        if close is not None:
            await close()


@dataclass(frozen=True, slots=True)
class FileSlice:
    """A response body that lies in a file: `length` bytes from `offset`.

    The front door opens the file before it answers, so that a deletion cannot break the answer. Its bytes
    must not be changed: the kernel may send them as they are when the client comes to read them.
    """

    path: Path
    offset: int
    length: int


ResponseBody = bytes | Streamed | FileSlice


class AnswerTooLong(Exception):
    """An answer that is wanted whole is longer than it may be."""


async def whole_answer(body: ResponseBody, limit: int) -> bytes:
    """Return a response body whole, for who calls an operation without a wire.

    Args:
        limit: Bytes.

    Raises:
        AnswerTooLong
    """
    if isinstance(body, bytes):
        found = body
    elif isinstance(body, FileSlice):
        if body.length > limit:
            raise AnswerTooLong
        found = await asyncio.to_thread(_slice, body)
    else:
        found = await _gathered(body, limit)
    if len(found) > limit:
        raise AnswerTooLong
    return found


def _slice(part: FileSlice) -> bytes:
    with part.path.open("rb") as file:
        return os.pread(file.fileno(), part.length, part.offset)


async def _gathered(body: Streamed, limit: int) -> bytes:
    pieces, size = [], 0
    async for piece in body.chunks:
        size += len(piece)
        if size > limit:
            raise AnswerTooLong
        pieces.append(piece)
    return b"".join(pieces)
