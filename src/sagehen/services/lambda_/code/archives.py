"""Archives as they are uploaded: examined before a byte is written, and unpacked. All of it blocks.

They are material from outside: names may not leave the folder, links may not point out of it, and what they
unpack to is bounded.
"""

from __future__ import annotations

import posixpath
import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from sagehen.services.lambda_.errors import InvalidParameterValueException

# AWS's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
UNZIPPED_BYTES = 262_144_000
ZIPPED_BYTES = 52_428_800
# AWS names none; without one, an archive of nothing but names could eat the file system's inodes.
_ENTRIES = 100_000
# Of a directory of that many names: what lists an archive is read and parsed as a whole.
_DIRECTORY_BYTES = 32 * 1024 * 1024
_ZIP64_BYTES = 76  # of ZIP64's end record and its locator
_ENTRY_SIGNATURE = b"PK\x01\x02"
# Deeper trees exhaust the stack of whatever walks them, longer names the kernel's PATH_MAX.
_DEPTH = 100
_NAME_BYTES = 255
_PATH_BYTES = 2048
# Of what a link names: PATH_MAX, its NUL included.
_LINK_BYTES = 4095
# As Java's ZipInputStream reads them, and so AWS (from memory). LZMA's header may ask for 4 GiB of memory.
_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
_CHUNK = 1024 * 1024
# What zipfile raises for archives that are none, or that use what it cannot read.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError)


def examine(file: Path) -> int:
    """Return what an archive unpacks to, in bytes.

    Raises:
        InvalidParameterValueException: It is no archive, is empty, too large, or has names that leave it.
    """
    if file.stat().st_size >= UNZIPPED_BYTES:  # from S3 it may be of any size
        raise _too_large()
    try:
        if not _directory_fits(file):
            raise _not_unzipped()
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except _DAMAGED:
        raise _not_unzipped() from None
    if not entries:
        # Recorded, as the other two texts of this file are.
        raise InvalidParameterValueException("Uploaded file must be a non-empty zip")
    if len(entries) > _ENTRIES or any(not _is_safe(entry) for entry in entries):
        raise _not_unzipped()
    size = sum(entry.file_size for entry in entries)
    if size >= UNZIPPED_BYTES:
        raise _too_large()
    return size


def _directory_fits(file: Path) -> bool:
    """Tell whether an archive lists no more than may be unpacked; `zipfile` makes an object of each entry.

    How many the archive claims to list is not asked: `zipfile` reads on as far as the directory's size goes.
    """
    with file.open("rb") as opened:
        end = zipfile._EndRecData(opened)  # type: ignore[attr-defined]  # as ZipFile itself finds it
        if not end:
            raise zipfile.BadZipFile("no end record")
        size, location = end[zipfile._ECD_SIZE], end[zipfile._ECD_LOCATION]  # type: ignore[attr-defined]
        if size > _DIRECTORY_BYTES:
            return False
        # It lies before its end record, and of large archives (ZIP64) before two more.
        opened.seek(max(0, location - size - _ZIP64_BYTES))
        return opened.read(size + _ZIP64_BYTES).count(_ENTRY_SIGNATURE) <= _ENTRIES


def _is_safe(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    encrypted = bool(entry.flag_bits & 0x1)
    if encrypted or not name or name.startswith("/") or "\0" in name or entry.compress_type not in _METHODS:
        return False
    if _is_link(entry) and entry.file_size > _LINK_BYTES:
        return False
    steps, size = name.split("/"), len(name.encode("utf-8", "surrogateescape"))
    longest = max(len(step.encode("utf-8", "surrogateescape")) for step in steps)
    return ".." not in steps and len(steps) <= _DEPTH and size <= _PATH_BYTES and longest <= _NAME_BYTES


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)


def extract(archive_file: Path, folder: Path) -> None:
    """Unpack into a new folder. What fails half-way leaves it there, for the caller to remove.

    Raises:
        InvalidParameterValueException: The archive is damaged, or a link of it leads out of the folder.
        OSError: The disk is full, and the like.
    """
    try:
        _extract(archive_file, folder)
    except (*_DAMAGED, FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise _not_unzipped() from error


def _extract(archive_file: Path, folder: Path) -> None:
    """Files first, links last, so that nothing is written through a link."""
    folder.mkdir(mode=0o755)
    with zipfile.ZipFile(archive_file) as archive:
        entries = archive.infolist()
        for entry in entries:
            if not _is_link(entry):
                _extract_one(archive, entry, folder)
        _link(archive, [entry for entry in entries if _is_link(entry)], folder)


def _extract_one(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / entry.filename
    if entry.is_dir():
        target.mkdir(mode=0o755, parents=True, exist_ok=True)
        return
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    # A name that comes twice: the last one wins, as unzip does it.
    target.unlink(missing_ok=True)
    with archive.open(entry) as source, target.open("xb") as output:
        shutil.copyfileobj(source, output, _CHUNK)
    executable = (entry.external_attr >> 16) & 0o111
    # Packages made on Windows carry no modes; on AWS an unreadable file breaks the import.
    target.chmod(0o555 if executable else 0o444)


def _link(archive: zipfile.ZipFile, links: Sequence[zipfile.ZipInfo], folder: Path) -> None:
    for entry in links:
        name = posixpath.normpath(entry.filename)
        destination = archive.read(entry).decode(errors="replace")
        if _leaves(name, destination):
            raise zipfile.BadZipFile("a link that leaves the package")
        if any((folder / parent).is_symlink() for parent in Path(name).parents):
            raise zipfile.BadZipFile("a link below a link")
        target = folder / name
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.symlink_to(destination)


def _leaves(name: str, destination: str) -> bool:
    """Tell whether a link may lead out of the package.

    Upwards it may only go first, from its own folder, which is a real one: behind another link `..`
    is not what it reads like.
    """
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(name), destination))
    steps = [step for step in destination.split("/") if step not in ("", ".")]
    while steps and steps[0] == "..":
        del steps[0]
    return (
        not destination
        or destination.startswith("/")
        or "\0" in destination
        or inside.startswith("..")
        or ".." in steps
    )


def _not_unzipped() -> InvalidParameterValueException:
    return InvalidParameterValueException(
        "Could not unzip uploaded file. Please check your file, then try to upload again."
    )


def _too_large() -> InvalidParameterValueException:
    return InvalidParameterValueException(f"Unzipped size must be smaller than {UNZIPPED_BYTES} bytes")
