"""Host uids of sandboxes, where the platform runs as root, and who owns their folders meanwhile."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from sagehen.executors.base import OWN_USERS, SandboxUnavailable

# Unassigned in the uid plan of systemd (systemd.io/UIDS-GIDS) and below 65536, so that it exists
# in containers as well.
FIRST_UID, LAST_UID = 60600, 61180
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# A frame and a descriptor per level: jobs may leave folders in folders without end.
_MAX_DEPTH = 200


# Unassigned in that plan as well, for whole ranges: beyond what it gives to containers.
_FIRST_RANGE, _LAST_RANGE = 0x70000000, 0x7FFE0000


class HostUids:
    """Lends each sandbox a uid that nothing else on the host has: its processes cannot touch others'.

    Args:
        first, last: Of those to lend.
        count: How many each sandbox gets, from the one lent on.
    """

    def __init__(self, first: int = FIRST_UID, last: int = LAST_UID, count: int = 1) -> None:
        self._first, self._last, self._count = first, last, count
        self._lent: set[int] = set()
        self._next = first

    def lend(self) -> int:
        """Return a free uid; recently returned ones come last.

        Raises:
            SandboxUnavailable: All are in use.
        """
        for _ in range((self._last - self._first) // self._count + 1):
            uid = self._next
            self._next = self._first if uid >= self._last else uid + self._count
            if uid not in self._lent:
                self._lent.add(uid)
                return uid
        raise SandboxUnavailable("More sandboxes are running than there are host users for them.")

    def give_back(self, uid: int) -> None:
        """Let a uid be lent again. Nothing may belong to it any more."""
        self._lent.discard(uid)


def host_ranges() -> HostUids:
    """Return what lends sandboxes with users of their own a range each."""
    return HostUids(_FIRST_RANGE, _LAST_RANGE, OWN_USERS)


def give_tree(root: Path, uid: int, gid: int) -> None:
    """Change the owner of everything below `root`, without following links out of it.

    Files with several names are left alone: another name may be an object of the store. What lies more
    than 200 folders deep stays as it is.
    """
    if not root.is_dir() or root.is_symlink():
        _give(root, uid, gid)
        return
    top = os.open(root, _FOLDER)
    try:
        _give_below(top, uid, gid, _MAX_DEPTH)
    finally:
        os.close(top)
    _give(root, uid, gid)


def _give_below(folder: int, uid: int, gid: int, depth: int) -> None:
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            is_folder = stat.S_ISDIR(found.st_mode)
            if is_folder and depth:
                inner = os.open(name, _FOLDER, dir_fd=folder)
                try:
                    _give_below(inner, uid, gid, depth - 1)
                finally:
                    os.close(inner)
            if is_folder or found.st_nlink == 1:
                os.chown(name, uid, gid, dir_fd=folder, follow_symlinks=False)


def give_trees(roots: Iterable[Path], uid: int, gid: int) -> None:
    """Do as `give_tree` for each of `roots`. Blocking."""
    for root in roots:
        give_tree(root, uid, gid)


def require_readable(sources: Iterable[Path]) -> None:
    """Check that a sandbox's own host user may read what is mounted read-only.

    Only the top is looked at: what is mounted should have been written 0755 and 0644 throughout.

    Raises:
        SandboxUnavailable: One is closed to other users; inside it would look empty or refused.
    """
    for source in sources:
        mode = source.stat().st_mode
        wanted = stat.S_IROTH | stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH
        if mode & wanted != wanted:
            raise SandboxUnavailable(
                f"{source} ({stat.filemode(mode)}) is to be mounted, but a sandbox's user may not read it."
            )


def _give(path: Path, uid: int, gid: int) -> None:
    with contextlib.suppress(OSError):
        os.chown(path, uid, gid, follow_symlinks=False)
