"""Tar archives from outside, unpacked by a platform that may be root.

Python's `data` filter is not enough, and not always there: 3.11.2, Debian 12's, has none, and before
3.11.13, 3.12.11 and 3.13.4 it can be led out of the folder by links whose resolved path outgrows
PATH_MAX (CVE-2025-4517), and by hard links to links (CVE-2025-4138). So everything is decided here.
No link exists while anything is written: files come first, links last, and what a link may say is
decided by its text alone. Owners are never taken over, nor rights beyond one's own.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tarfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from sagehen.archives.bounds import (
    MAX_DEPTH,
    MAX_NAME_BYTES,
    MAX_PATH_BYTES,
    Bounds,
    Patience,
    free_bytes,
)
from sagehen.archives.members import UnusableArchive, bounded, is_packed, opened, refusals
from sagehen.domain.attended_file import AttendedFile

__all__ = ["UnusableArchive", "inner_path", "leads_out", "make_link", "unpack_tar", "unpacked"]


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
    patience = patience or Patience()
    bounds = _that_fit(bounds or Bounds(), folder)
    with archive.open("rb") as start:
        beginning = start.read(2)
    with (
        refusals(),
        AttendedFile(archive, patience.check) if is_packed(beginning) else archive.open("rb") as file,
        opened(cast(BinaryIO, file), beginning, folder, bounds, patience) as (tar, reader),
    ):
        links = [member for member in bounded(tar, reader, bounds) if not unpacked(tar, member, folder)]
        for member in links:
            make_link(member, folder)


def _that_fit(bounds: Bounds, folder: Path) -> Bounds:
    return Bounds(max(0, min(bounds.size, free_bytes(folder))), bounds.entries)


def unpacked(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> bool:
    """Unpack a member, unless it is a symbolic link: return False for one.

    Raises:
        UnusableArchive: It is special, leads outside, or is a link to what is not there.
    """
    name = inner_path(member.name)
    if member.issym():
        return False
    if not (member.isreg() or member.isdir() or member.islnk()):
        raise UnusableArchive(f"{member.name!r} is a special file")
    if member.islnk():
        # tarfile would otherwise look for the target in the archive, and could find a link there.
        inner = inner_path(member.linkname)
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


def make_link(member: tarfile.TarInfo, folder: Path) -> None:
    """Make a symbolic link, once all files are there.

    Raises:
        UnusableArchive: It leads outside, or lies below another one.
    """
    name = inner_path(member.name)
    if not name.parts or leads_out(name, member.linkname):
        raise UnusableArchive(f"{member.name!r} is a link that leads outside: {member.linkname!r}")
    if any((folder / parent).is_symlink() for parent in name.parents):
        raise UnusableArchive(f"{member.name!r} lies below a link")
    link = folder / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)  # of a name that comes twice, the last one counts
    link.symlink_to(member.linkname)


def inner_path(name: str) -> PurePosixPath:
    """Return where a member of that name lands in its folder.

    Raises:
        UnusableArchive: Nowhere, or outside.
    """
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
