"""What a layer decompresses to: read forward, once, no further than a bound, and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from sagehen.domain.attended_file import AttendedFile
from sagehen.images.roots.bounds import MAX_HEADER_BYTES, UnusableLayer
from sagehen.images.roots.gzipped import gunzipped

# Content comes in smaller pieces; more than this at once is a header made to fill memory.
_PIECE_BYTES = 1024 * 1024
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# Documented: zstd's --ultra -22 needs this much; more would be memory that a layer asks for.
_ZSTD_WINDOW = 1 << 27


class LayerStream:
    """A layer's bytes, as `tarfile` reads them.

    Args:
        path: The blob: a tar archive as it is, of gzip or of zstd, as its first bytes say.
        limit: Bytes.
        check: Called between pieces; raises where nobody waits any more.
    """

    def __init__(self, path: Path, limit: int, check: Callable[[], None] = lambda: None) -> None:
        self._file = AttendedFile(path, check)
        self._stream = _opened(self._file)
        self._limit = limit
        self._check = check
        self._header_left: int | None = None
        self._hash = hashlib.sha256()
        self._at = 0

    @contextmanager
    def header(self) -> Iterator[None]:
        """Read one entry's headers, no more bytes than they may have; what is gone over is none of them."""
        self._header_left = MAX_HEADER_BYTES
        try:
            yield
        finally:
            self._header_left = None

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        if size < 0 or size > _PIECE_BYTES:
            raise UnusableLayer(f"it has a header of {size} bytes")
        if self._header_left is not None:
            self._header_left -= size
            if self._header_left < 0:
                raise UnusableLayer(f"an entry has more than {MAX_HEADER_BYTES} bytes of headers")
        return self._next(size)

    def _next(self, size: int) -> bytes:
        self._check()
        wanted, pieces = size, []
        while wanted:
            piece = self._stream.read(wanted)
            if not piece:
                break
            pieces.append(piece)
            wanted -= len(piece)
        data = b"".join(pieces)
        self._at += len(data)
        if self._at > self._limit:
            raise UnusableLayer("it unpacks to more bytes than there is room for")
        self._hash.update(data)
        return data

    def seek(self, position: int) -> int:
        """Go forward by reading."""
        if position < self._at:  # only parts that overlap lead back
            raise UnusableLayer("its parts overlap")
        while self._at < position and self._next(min(_PIECE_BYTES, position - self._at)):
            pass
        return self._at

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._at

    def digest(self) -> str:
        """Read to the end; return the digest of all."""
        while self.read(_PIECE_BYTES):
            pass
        return f"sha256:{self._hash.hexdigest()}"

    def close(self) -> None:
        """Close the blob."""
        self._file.close()


def _opened(file: AttendedFile) -> Any:
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(_GZIP):
        return gunzipped(cast(BinaryIO, file))
    if magic == _ZSTD:
        import zstandard

        decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        return decompressor.stream_reader(file, read_across_frames=True)
    return file
