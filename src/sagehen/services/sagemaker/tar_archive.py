"""Tar archives from outside, unpacked by a platform that may be root.

Python's `data` filter is not enough, and not always there: 3.11.2, Debian 12's, has none, and before
3.11.13, 3.12.11 and 3.13.4 it can be led out of the folder by links whose resolved path outgrows
PATH_MAX (CVE-2025-4517), and by hard links to links (CVE-2025-4138). So everything is decided here.
No link exists while anything is written: files come first, links last, and what a link may say is
decided by its text alone. Owners are never taken over, nor rights beyond one's own.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import lzma
import os
import stat
import tarfile
import zlib
from pathlib import Path, PurePosixPath

# Deeper trees exhaust the stack of whatever walks them later.
MAX_DEPTH = 100
# What the archive's own names bring about; everything else (a full disk) is the machine's fault.
_BAD_NAMES = frozenset((errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ENOTEMPTY))


class UnusableArchive(tarfile.TarError):
    """Not a tar archive, a damaged one, or one with a member that is refused; the message says which."""


def unpack_tar(archive: Path, folder: Path) -> None:
    """Unpack an archive of any compression into an existing folder of nobody else's. Blocking.

    Devices, absolute names of links, and whatever would land or lead outside are refused; leading
    slashes of names are taken off, as tar does it.

    Raises:
        UnusableArchive: What was unpacked before it was noticed stays.
        OSError: The machine's, such as a full disk.
    """
    try:
        with tarfile.open(archive, "r:*") as tar:
            # A second opinion where Python has one; without it, later Pythons warn.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            links = [member for member in tar if not _unpacked(tar, member, folder)]
        for member in links:
            _link(member, folder)
    except UnusableArchive:
        raise
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, ValueError) as error:
        raise UnusableArchive(str(error) or type(error).__name__) from error
    except OSError as error:
        if error.errno not in _BAD_NAMES:
            raise
        raise UnusableArchive(error.strerror) from error


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
    """Return a file's permissions: readable and writable for us, executable for all or nobody, as sent."""
    executable = 0o111 if mode & 0o100 else 0
    return 0o600 | (mode & (0o644 | executable))


def _link(member: tarfile.TarInfo, folder: Path) -> None:
    name = _inner_path(member.name)
    if not name.parts or _leads_out(name, member.linkname):
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
    if len(path.parts) > MAX_DEPTH:
        raise UnusableArchive(f"{name[:100]!r}... lies more than {MAX_DEPTH} folders deep")
    return path


def _leads_out(name: PurePosixPath, destination: str) -> bool:
    """Tell whether a link may lead out. Upwards it may only go first, from its own, real folder."""
    if not destination or destination.startswith("/") or "\0" in destination:
        return True
    steps = PurePosixPath(destination).parts
    upwards = next((number for number, step in enumerate(steps) if step != ".."), len(steps))
    return upwards > len(name.parts) - 1 or ".." in steps[upwards:]
