"""Footing: places inside a writable mount upon which something else is mounted.

Whoever had the mount before may have put links there that lead out of it, and the platform, as root, makes
mount points before the view is anybody's root. So each is looked at, and made, without following a link; what
is in the way is moved aside.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from sagehen.executors.isolation.steps import Step

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def prepare(steps: Iterable[Step]) -> list[Step]:
    """Make the mount points, and the links, of a view that lie in its writable mounts. Blocking.

    Returns:
        What is left to do.

    Raises:
        OSError: A folder cannot be opened or made.
    """
    mounts: list[Step] = []
    left: list[Step] = []
    for step in steps:
        below = next((one for one in reversed(mounts) if _is_below(step.target, one.target)), None)
        root = None if below is None else _written(below)
        if below is not None and root is not None:
            inner = step.target[len(below.target.rstrip("/")) + 1 :]
            _make(root, [word for word in inner.split("/") if word], step)
            if step.kind == "symlink":
                continue
        left.append(step)
        if step.kind not in ("symlink", "folder", "passage"):
            mounts.append(step)
    return left


def _written(mount: Step) -> Path | None:
    """Return the folder in which whoever is inside writes what a mount shows, or None."""
    if mount.kind == "layers":
        return Path(mount.source, "upper")
    return Path(mount.source) if mount.kind == "rw" and Path(mount.source).is_dir() else None


def _is_below(path: str, folder: str) -> bool:
    return path != folder and path.startswith(f"{folder.rstrip('/')}/")


def _make(root: Path, words: list[str], step: Step) -> None:
    folder = os.open(root, _FOLDER)
    try:
        for word in words[:-1]:
            inner = _folder_in(folder, word)
            os.close(folder)
            folder = inner
        if step.kind == "symlink":
            _keep_link(folder, words[-1], step.source)
        elif step.kind in ("ro", "rw", "device") and not Path(step.source).is_dir():
            _file_in(folder, words[-1])
        else:
            os.close(_folder_in(folder, words[-1]))
    finally:
        os.close(folder)


def _folder_in(folder: int, name: str) -> int:
    with contextlib.suppress(OSError):
        return os.open(name, _FOLDER, dir_fd=folder)
    _move_aside(folder, name)
    os.mkdir(name, 0o755, dir_fd=folder)
    return os.open(name, _FOLDER, dir_fd=folder)


def _file_in(folder: int, name: str) -> None:
    with contextlib.suppress(OSError):
        if stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return
    _move_aside(folder, name)
    os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o644, dir_fd=folder))


def _keep_link(folder: int, name: str, text: str) -> None:
    with contextlib.suppress(OSError):
        if os.readlink(name, dir_fd=folder) == text:
            return
    _move_aside(folder, name)
    os.symlink(text, name, dir_fd=folder)


def _move_aside(folder: int, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.rename(name, f".aside-{secrets.token_hex(6)}", src_dir_fd=folder, dst_dir_fd=folder)
