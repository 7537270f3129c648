"""Tree: the folder that layers are written into. Every name is resolved here, and none leads out of it.

Nobody but the unpacking thread writes there, so that what a name resolved to is still so when it is written.
A link that an image has in place of a folder is followed as it would be inside, with the image's root as `/`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path

from sagehen.images.roots.bounds import MAX_DEPTH, MAX_NAME_BYTES, MAX_PATH_BYTES, UnusableLayer

# As the kernel.
_MOST_LINKS = 40


class Tree:
    """One root in the making.

    Args:
        root: An empty folder.
        keeps_owners: Whether files get the owners that they have in the image: only root can give them.
    """

    def __init__(self, root: Path, *, keeps_owners: bool) -> None:
        self._root = str(root)
        self._keeps_owners = keeps_owners

    def parent_of(self, name: str, *, make: bool = True) -> tuple[str, str] | None:
        """Return the real folder in which a name lies, below the root, and its last word.

        Args:
            make: Folders that are not there are made; else None is returned.

        Raises:
            UnusableLayer: The name leads outside, or is none.
        """
        words = words_of(name)
        if not words:
            return None
        folder = self._walk(words[:-1], make=make)
        return None if folder is None else (folder, words[-1])

    def path(self, folder: str, name: str) -> str:
        """Return where an entry of a real folder lies on the host."""
        return "/".join(word for word in (self._root, folder, name) if word)

    def make_way(self, path: str, *, for_folder: bool = False) -> bool:
        """Remove what lies at a path; tell whether there is a folder, which `for_folder` lets stay."""
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            return False
        if stat.S_ISDIR(mode):
            if for_folder:
                return True
            shutil.rmtree(path)
            return False
        os.unlink(path)  # noqa: PTH108
        return False

    def dress(self, path: str, uid: int, gid: int, mode: int, mtime: float) -> None:
        """Give an entry its owner, rights and time, as far as this user may."""
        is_link = stat.S_ISLNK(os.lstat(path).st_mode)
        if self._keeps_owners:
            os.chown(path, _number(uid), _number(gid), follow_symlinks=False)
        if not is_link:
            if not self._keeps_owners:
                # All belongs to this user, who must be able to read and to delete it; nothing is setuid.
                mode = (mode & 0o777) | (0o700 if stat.S_ISDIR(os.lstat(path).st_mode) else 0o600)
            os.chmod(path, mode & 0o7777)  # noqa: PTH101
        with contextlib.suppress(OSError, OverflowError, ValueError):  # a time that no file can have
            os.utime(path, (mtime, mtime), follow_symlinks=False)

    def _walk(self, words: list[str], *, make: bool) -> str | None:
        """Return the real folder that words lead to, '' for the root."""
        here: list[str] = []
        ahead = list(reversed(words))
        links = 0
        while ahead:
            word = ahead.pop()
            if word in ("", "."):
                continue
            if word == "..":  # of a link: above the root is the root
                here = here[:-1]
                continue
            path = self.path("/".join(here), word)
            try:
                mode = os.lstat(path).st_mode
            except FileNotFoundError:
                if not make:
                    return None
                os.mkdir(path, 0o755)  # noqa: PTH102
                mode = stat.S_IFDIR
            if stat.S_ISLNK(mode):
                links += 1
                if links > _MOST_LINKS:
                    raise UnusableLayer("links lead in a circle")
                text = str(Path(path).readlink())
                here = [] if text.startswith("/") else here
                ahead += reversed(text.split("/"))
                continue
            if not stat.S_ISDIR(mode):
                if not make:
                    return None
                os.unlink(path)  # noqa: PTH108
                os.mkdir(path, 0o755)  # noqa: PTH102
            here.append(word)
            if len(here) > MAX_DEPTH:
                raise UnusableLayer(f"it is more than {MAX_DEPTH} folders deep")
        return "/".join(here)


def words_of(name: str) -> list[str]:
    """Return the words of an archive's name; leading slashes are none of it.

    Raises:
        UnusableLayer: It leads outside, or is longer than names can be.
    """
    words = [word for word in name.split("/") if word not in ("", ".")]
    if ".." in words or "\0" in name:
        raise UnusableLayer(f"{name[:100]!r} would be unpacked outside")
    if len(os.fsencode(name)) > MAX_PATH_BYTES or len(words) > MAX_DEPTH:
        raise UnusableLayer(f"{name[:100]!r}... is too long or too deep")
    if any(len(os.fsencode(word)) > MAX_NAME_BYTES for word in words):
        raise UnusableLayer(f"{name[:100]!r}... has too long a name")
    return words


def _number(number: int) -> int:
    """Return a user's or group's number; those that a sandbox does not have are nobody's."""
    return number if 0 <= number < 65_536 else 65_534
