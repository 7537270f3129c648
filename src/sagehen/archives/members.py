"""The members of a tar archive from outside, as many and as large as bounds allow, however it is packed."""

from __future__ import annotations

import bz2
import contextlib
import errno
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from sagehen.archives.bounds import Bounds, Patience, free_bytes
from sagehen.archives.xz_stream import XzStream

# An archive's own bookkeeping: a block of 512 bytes for each entry, and as much again for long names.
_OVERHEAD = 4096
# What is read at once: content comes in pieces of 16 KiB; more than this is a header made to fill memory.
_PIECE_BYTES = 1024 * 1024
# Of one entry: two paths of 4096 bytes, and attributes. What `tarfile` makes of a header may have the square
# of its length. Maps of sparse files come in blocks.
_HEADER_BYTES = 16 * 1024
_BLOCK_BYTES, _BLOCKS_BYTES = 512, 1024 * 1024
# Of all entries, with what links say: some are in memory to the end.
_NAMES_BYTES = 64 * 1024**2


_OPENERS: Mapping[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": XzStream,
}  # fmt: skip
# What the archive's own names bring about; everything else (a full disk) is the machine's fault.
_BAD_NAMES = frozenset((errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ENOTEMPTY))


class UnusableArchive(tarfile.TarError):
    """Not a tar archive, a damaged one, or one with a member that is refused; the message says which."""


@contextlib.contextmanager
def refusals() -> Iterator[None]:
    """Make one kind of error of all that an archive itself may bring about."""
    try:
        yield
    except UnusableArchive:
        raise
    except RecursionError:  # headers that announce headers that announce headers
        raise UnusableArchive("its headers never come to a file") from None
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, ValueError) as error:
        raise UnusableArchive(str(error) or type(error).__name__) from error
    except OSError as error:
        if error.errno not in _BAD_NAMES:
            raise
        raise UnusableArchive(error.strerror) from error


def is_packed(beginning: bytes) -> bool:
    """Tell from an archive's first two bytes whether it is compressed."""
    return beginning in _OPENERS


@contextlib.contextmanager
def opened(
    file: BinaryIO, beginning: bytes, folder: Path, bounds: Bounds, patience: Patience
) -> Iterator[tuple[tarfile.TarFile, Reader]]:
    """Open an archive, for `bounded`.

    Args:
        file: Is read forwards only.
        beginning: Its first two bytes.
        folder: Where it goes.
    """
    opener = _OPENERS.get(beginning)
    with cast(BinaryIO, opener(file)) if opener else contextlib.nullcontext(file) as stream:
        reader = Reader(stream, bounds.size + (bounds.entries + 3) * _OVERHEAD, patience, folder)
        with _begun(reader) as tar:
            # A second opinion where Python has one; without it, later Pythons warn.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            yield tar, reader


def _begun(reader: Reader) -> tarfile.TarFile:
    with reader.header():  # the first one is read at once
        return tarfile.open(fileobj=cast(BinaryIO, reader), mode="r:")


class Reader:
    """What an archive decompresses to, no further than a bound, and no longer than somebody waits.

    Args:
        limit: Bytes.
        folder: Where it goes.
    """

    def __init__(self, stream: BinaryIO, limit: int, patience: Patience, folder: Path) -> None:
        self._stream = stream
        self._limit = limit
        self._patience = patience
        self._folder = folder
        self._left: dict[bool, int] | None = None  # of a header's bytes: of blocks, of what is longer

    @contextlib.contextmanager
    def header(self) -> Iterator[None]:
        """Read the headers of one entry, of no more bytes than they may have."""
        self._left = {True: _BLOCKS_BYTES, False: _HEADER_BYTES}
        try:
            yield
        finally:
            self._left = None

    def read(self, size: int) -> bytes:
        self._patience.check()
        if size < 0 or size > _PIECE_BYTES:
            raise UnusableArchive(f"a header of {size} bytes")
        if self._left is not None:
            self._left[size <= _BLOCK_BYTES] -= size
            if min(self._left.values()) < 0:
                raise UnusableArchive(f"an entry has more than {_HEADER_BYTES} bytes of headers")
        self._require(self._stream.tell() + size)
        if free_bytes(self._folder) < 0:  # another one has taken what was free when this one began
            raise UnusableArchive("it unpacks to more than there is room for")
        return self._stream.read(size)

    def seek(self, position: int) -> int:
        self._patience.check()
        self._require(position)
        # Only parts that overlap lead back, and a compressed stream would start anew for each of them.
        if position < self._stream.tell():
            raise UnusableArchive("its parts overlap")
        # In pieces: going forward in a compressed stream is reading it.
        while (at := self._stream.tell()) + _PIECE_BYTES < position:
            self._patience.check()
            if not self._stream.read(_PIECE_BYTES):
                break
            assert self._stream.tell() > at
        return self._stream.seek(position)

    def tell(self) -> int:
        return self._stream.tell()

    def _require(self, position: int) -> None:
        # Headers are read in whole records of their own; the last one may begin at the end.
        if position > self._limit + _PIECE_BYTES:
            raise UnusableArchive("it unpacks to more than there is room for")


def bounded(tar: tarfile.TarFile, reader: Reader, bounds: Bounds) -> Iterator[tarfile.TarInfo]:
    """Yield the members, as many and as large as the bounds allow, without the headers they came with.

    Raises:
        UnusableArchive, and what `refusals` takes for it.
    """
    size = names = number = 0
    while (member := _next(tar, reader)) is not None:
        number += 1
        size += member.size if member.isreg() else 0
        names += len(member.name) + len(member.linkname)
        if names > _NAMES_BYTES:
            raise UnusableArchive(f"its names have more than {_NAMES_BYTES} bytes")
        if size > bounds.size or member.size < 0:
            raise UnusableArchive(f"it unpacks to more than the {bounds.size} bytes that there is room for")
        if number > bounds.entries:
            raise UnusableArchive(f"it has more than {bounds.entries} files")
        yield member


def _next(tar: tarfile.TarFile, reader: Reader) -> tarfile.TarInfo | None:
    with reader.header():
        member = tar.next()
    tar.members.clear()  # type: ignore[attr-defined]  # else all of them stay in memory
    if sum(len(name) + len(value) for name, value in tar.pax_headers.items()) > _HEADER_BYTES:
        raise UnusableArchive("what it says of all of its entries is too long")
    if member is not None:
        member.pax_headers = {}
    return member
