"""An .xz or .lzma file as it decompresses, in memory that is bounded: forwards only.

Its header says how much of what was unpacked has to be kept: up to 4 GiB, by a file of a few kilobytes.
`lzma.open` takes no limit of memory.
"""

from __future__ import annotations

import lzma
from types import TracebackType
from typing import BinaryIO

# `xz -9` needs 65 MiB to unpack.
MEMORY_BYTES = 128 * 1024 * 1024
_PIECE_BYTES = 64 * 1024


class XzStream:
    """What a file decompresses to.

    Args:
        file: Closed with the stream.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decompressor = _decompressor()
        self._at = 0

    def __enter__(self) -> XzStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def tell(self) -> int:
        """Return how many unpacked bytes were read: tarfile asks for it."""
        return self._at

    def read(self, size: int) -> bytes:
        """Return `size` bytes, fewer at the end.

        Raises:
            lzma.LZMAError: Damaged, or it needs more than MEMORY_BYTES.
            EOFError: Cut short.
        """
        parts: list[bytes] = []
        while size > 0 and (piece := self._some(size)):
            parts.append(piece)
            size -= len(piece)
            self._at += len(piece)
        return b"".join(parts)

    def seek(self, position: int) -> int:
        """Go forward, by reading.

        Raises:
            ValueError: Backwards.
        """
        if position < self._at:
            raise ValueError("it cannot be read backwards")
        while self._at < position and self.read(min(position - self._at, _PIECE_BYTES)):
            pass
        return self._at

    def _some(self, most: int) -> bytes:
        """Return some bytes, none at the end. A file may be several streams, one behind the other."""
        while True:
            data = b""
            if self._decompressor.eof:
                # Streams are padded with zeros to multiples of four bytes.
                data = (self._decompressor.unused_data or self._file.read(_PIECE_BYTES)).lstrip(b"\0")
                while not data:
                    if not (more := self._file.read(_PIECE_BYTES)):
                        return b""
                    data = more.lstrip(b"\0")
                self._decompressor = _decompressor()
            elif self._decompressor.needs_input and not (data := self._file.read(_PIECE_BYTES)):
                raise EOFError("it is cut short")
            if piece := self._decompressor.decompress(data, most):
                return piece


def _decompressor() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(memlimit=MEMORY_BYTES)
