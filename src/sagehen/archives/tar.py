"""Tar archives from outside, unpacked by a platform that may be root.

Python's `data` filter is not enough, and not always there: 3.11.2, Debian 12's, has none, and before
3.11.13, 3.12.11 and 3.13.4 it can be led out of the folder by links whose resolved path outgrows
PATH_MAX (CVE-2025-4517), and by hard links to links (CVE-2025-4138). So everything is decided here.
No link exists while anything is written: files come first, links last, and what a link may say is
decided by its text alone. Owners are never taken over, nor rights beyond one's own.
"""

from __future__ import annotations

import bz2
import contextlib
import errno
import gzip
import lzma
import os
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from sagehen.archives.bounds import (
    MAX_DEPTH,
    MAX_NAME_BYTES,
    MAX_PATH_BYTES,
    Bounds,
    Patience,
    free_bytes,
)
from sagehen.archives.xz_stream import XzStream
from sagehen.domain.attended_file import AttendedFile

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


def unpack_tar(
    archive: Path, folder: Path, bounds: Bounds | None = None, patience: Patience | None = None
) -> None:
    """Unpack an archive of any compression into an existing folder of nobody else's. Blocking.

    Args:
        bounds: What it may unpack to; less where the disk has less.
        patience: Asked before every piece.

    Devices, absolute names of links, and whatever would land or lead outside are refused; leading
    slashes of names are taken off, as tar does it.

    Raises:
        UnusableArchive: What was unpacked before it was noticed stays.
        OSError: The machine's, such as a full disk.
        Abandoned: Nobody waits for it any more.
    """
    bounds = _that_fit(bounds or Bounds(), folder)
    try:
        with _opened(archive, folder, bounds, patience or Patience()) as (tar, reader):
            # A second opinion where Python has one; without it, later Pythons warn.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            links = [member for member in _bounded(tar, reader, bounds) if not _unpacked(tar, member, folder)]
        for member in links:
            _link(member, folder)
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


def _that_fit(bounds: Bounds, folder: Path) -> Bounds:
    return Bounds(max(0, min(bounds.size, free_bytes(folder))), bounds.entries)


@contextlib.contextmanager
def _opened(
    archive: Path, folder: Path, bounds: Bounds, patience: Patience
) -> Iterator[tuple[tarfile.TarFile, _Reader]]:
    with archive.open("rb") as beginning:
        opener = _OPENERS.get(beginning.read(2))
    packed = AttendedFile(archive, patience.check) if opener else archive.open("rb")
    with (
        packed as file,
        cast(BinaryIO, opener(file)) if opener else file as stream,
    ):
        reader = _Reader(stream, bounds.size + (bounds.entries + 3) * _OVERHEAD, patience, folder)
        with _begun(reader) as tar:
            yield tar, reader


def _begun(reader: _Reader) -> tarfile.TarFile:
    with reader.header():  # the first one is read at once
        return tarfile.open(fileobj=cast(BinaryIO, reader), mode="r:")


class _Reader:
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


def _bounded(tar: tarfile.TarFile, reader: _Reader, bounds: Bounds) -> Iterator[tarfile.TarInfo]:
    """Yield the members, as many and as large as the bounds allow, without the headers they came with."""
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


def _next(tar: tarfile.TarFile, reader: _Reader) -> tarfile.TarInfo | None:
    with reader.header():
        member = tar.next()
    tar.members.clear()  # type: ignore[attr-defined]  # else all of them stay in memory
    if sum(len(name) + len(value) for name, value in tar.pax_headers.items()) > _HEADER_BYTES:
        raise UnusableArchive("what it says of all of its entries is too long")
    if member is not None:
        member.pax_headers = {}
    return member


def _unpacked(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> bool:
    """Unpack a member, unless it is a symbolic link: return False for one."""
    name = _inner_path(member.name)
    if member.issym():
        return False
    if not (member.isreg() or member.isdir() or member.islnk()):
        raise UnusableArchive(f"{member.name!r} is a special file")
    if member.islnk():
        # tarfile would otherwise look for the target in the archive, and could find a link there.
        inner = _inner_path(member.linkname)
        target = folder / inner
        if not target.exists() or not stat.S_ISREG(target.lstat().st_mode):
            raise UnusableArchive(f"{member.name!r} is a link to {member.linkname!r}, which is not a file")
        member.linkname = str(inner)
    member.name = str(name)  # without a leading slash, which the oldest tarfile would follow
    tar.extract(member, folder, set_attrs=False)
    if member.isdir():
        (folder / name).chmod(0o755)
    elif member.isreg():
        (folder / name).chmod(_rights(member.mode))
        with contextlib.suppress(OSError, OverflowError):  # a time that no file can have
            os.utime(folder / name, (member.mtime, member.mtime))
    return True


def _rights(mode: int) -> int:
    """Return a file's permissions: readable for all, executable for all or nobody, as sent.

    AWS's containers are root and read whatever lies in an archive; a sandbox's user is another one than who
    unpacks. safetensors writes its files for their owner alone, so every model of transformers has such.
    """
    return 0o644 | (0o111 if mode & 0o100 else 0)


def _link(member: tarfile.TarInfo, folder: Path) -> None:
    name = _inner_path(member.name)
    if not name.parts or leads_out(name, member.linkname):
        raise UnusableArchive(f"{member.name!r} is a link that leads outside: {member.linkname!r}")
    if any((folder / parent).is_symlink() for parent in name.parents):
        raise UnusableArchive(f"{member.name!r} lies below a link")
    link = folder / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)  # of a name that comes twice, the last one counts
    link.symlink_to(member.linkname)


def _inner_path(name: str) -> PurePosixPath:
    path = PurePosixPath(name.lstrip("/"))
    if ".." in path.parts or "\0" in name:
        raise UnusableArchive(f"{name!r} would be unpacked outside")
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise UnusableArchive(f"{name[:100]!r}... is a path of more than {MAX_PATH_BYTES} bytes")
    if any(len(os.fsencode(part)) > MAX_NAME_BYTES for part in path.parts):
        raise UnusableArchive(f"{name[:100]!r}... has a name of more than {MAX_NAME_BYTES} bytes")
    if len(path.parts) > MAX_DEPTH:
        raise UnusableArchive(f"{name[:100]!r}... lies more than {MAX_DEPTH} folders deep")
    return path


def leads_out(name: PurePosixPath, destination: str) -> bool:
    """Tell whether a link may lead out. Upwards it may only go first, from its own, real folder."""
    if not destination or destination.startswith("/") or "\0" in destination:
        return True
    steps = PurePosixPath(destination).parts
    upwards = next((number for number, step in enumerate(steps) if step != ".."), len(steps))
    return upwards > len(name.parts) - 1 or ".." in steps[upwards:]
