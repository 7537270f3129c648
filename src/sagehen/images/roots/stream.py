"""What a layer decompresses to: read forward, once, no further than a bound, and hashed."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from sagehen.images.roots.bounds import UnusableLayer

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
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._file = path.open("rb")
        self._stream = _opened(self._file)
        self._limit = limit
        self._hash = hashlib.sha256()
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        if size < 0 or size > _PIECE_BYTES:
            raise UnusableLayer(f"it has a header of {size} bytes")
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
        while self._at < position and self.read(min(_PIECE_BYTES, position - self._at)):
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


def _opened(file: BinaryIO) -> Any:
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(_GZIP):
        return cast(Any, gzip.GzipFile(fileobj=file, mode="rb"))
    if magic == _ZSTD:
        import zstandard

        decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        return decompressor.stream_reader(file, read_across_frames=True)
    return file
