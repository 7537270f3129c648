"""Reading segments: piece by piece in a thread, as a stream, or from file to file."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sagehen.services.s3.contents.segments import (
    Segment,
    inline_bytes,
)
from sagehen.store.blobs import BlobFolder

# Read in one turn of a thread: large enough to be worth the turn, small in memory for many readers.
READ_BYTES = 256 * 1024


def copy_range(source: Path, part: Segment, target: int) -> None:
    """Write a segment's bytes to an open file, inside the kernel where both file systems can; blocks.

    Args:
        target: Descriptor of a file open for writing, at the place where they belong.

    Raises:
        EOFError: The blob is shorter than its record.
    """
    with source.open("rb") as file:
        offset, left = part.start, part.length
        in_kernel = hasattr(os, "copy_file_range")
        while left:
            if in_kernel:
                try:
                    done = os.copy_file_range(file.fileno(), target, left, offset)
                except OSError:  # between file systems that cannot
                    in_kernel = False
                    continue
            else:
                done = os.write(target, os.pread(file.fileno(), min(left, READ_BYTES), offset))
            if done == 0:
                raise EOFError(f"{source} is shorter than its record")
            offset += done
            left -= done


class FileChunks:
    """Reads a segment of a blob piece by piece, in the calling thread."""

    def __init__(self, path: Path, part: Segment) -> None:
        self._path = path
        self._part = part

    def __iter__(self) -> Any:
        turn = self._part.turner()
        with self._path.open("rb") as file:
            file.seek(self._part.start)
            left = self._part.length
            while left:
                chunk = file.read(min(left, READ_BYTES))
                if not chunk:
                    raise EOFError(f"{self._path} is shorter than its record")
                left -= len(chunk)
                yield turn(chunk)


class SegmentStream:
    """A stream over several segments; its blobs stay on disk for as long as it lives.

    The pin hangs on the object's life, not on its exhaustion: a client may go before the first byte.
    """

    def __init__(self, blobs: BlobFolder, pieces: Sequence[Segment]) -> None:
        self._blobs = blobs
        self._pieces = list(reversed(pieces))
        self._reader: Any = None
        release: Callable[[], None] = blobs.pin(piece.blob_id for piece in pieces if piece.blob_id)
        weakref.finalize(self, release)

    def __aiter__(self) -> SegmentStream:
        return self

    async def __anext__(self) -> bytes:
        while True:
            if self._reader is None:
                if not self._pieces:
                    raise StopAsyncIteration
                piece = self._pieces.pop()
                if piece.blob_id is None:
                    return inline_bytes(piece)
                self._reader = iter(FileChunks(self._blobs.path(piece.blob_id), piece))
            chunk: bytes | None = await asyncio.shield(self._blobs.run(next, self._reader, None))
            if chunk is not None:
                return chunk
            self._reader = None
