"""Footing in an image: places upon which something is mounted, made before anything is.

An image may have a link wherever a mount is to be, and mounts are made by whoever sees the host. So each
place is a real folder or file in what lies over the image, or one of the image itself: no link is followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from sagehen.executors.base import ImageRoot
from sagehen.executors.isolation.steps import Step


def prepare(image: ImageRoot, steps: Iterable[Step], working_directory: str) -> None:
    """Make `upper` and `work`, and in `upper` what the image lacks. Blocking.

    Raises:
        OSError: The disk is full.
    """
    upper = image.place / "upper"
    image.place.mkdir(mode=0o700, parents=True)
    for folder in (upper, image.place / "work"):
        folder.mkdir(mode=0o755)
    mounts: list[str] = []
    for step in steps:
        target = _words(step.target)
        inside = any(_is_below(target, _words(mount)) for mount in mounts)
        if target and not inside:
            is_file = step.kind in ("ro", "rw", "device") and not Path(step.source).is_dir()
            _make(image, upper, target, is_file=is_file)
        if target and step.kind in ("rw", "dev", "tmpfs", "proc", "ro"):
            mounts.append(step.target)
    directory = _words(working_directory)
    if directory and not any(_is_below(directory, _words(mount)) for mount in mounts):
        _make(image, upper, directory, is_file=False, owned=True)


def _make(image: ImageRoot, upper: Path, words: list[str], *, is_file: bool, owned: bool = False) -> None:
    """Make one place, where the image has none."""
    kinds = [_kind(image.folder.joinpath(*words[: count + 1])) for count in range(len(words))]
    real = [kind == stat.S_IFDIR for kind in kinds[:-1]] + [
        kinds[-1] == (stat.S_IFREG if is_file else stat.S_IFDIR)
    ]
    if all(real) and not any(_exists(upper.joinpath(*words[: n + 1])) for n in range(len(words))):
        return
    hidden = False
    for count in range(1, len(words) + 1):
        here, of_image = upper.joinpath(*words[:count]), image.folder.joinpath(*words[:count])
        hidden = hidden or not real[count - 1]
        if _exists(here):
            continue
        if is_file and count == len(words):
            here.touch(mode=0o644)
            return
        here.mkdir(mode=0o755)
        if not hidden:  # one of the image's, which goes on to show what it holds
            status = of_image.lstat()
            if os.geteuid() == 0:
                os.chown(here, status.st_uid, status.st_gid)
            here.chmod(stat.S_IMODE(status.st_mode))
        elif owned and count == len(words) and os.geteuid() == 0:
            os.chown(here, image.uid, image.gid)


def _kind(path: Path) -> int:
    try:
        return stat.S_IFMT(path.lstat().st_mode)
    except OSError:
        return 0


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def _words(path: str) -> list[str]:
    return [word for word in path.split("/") if word]


def _is_below(words: list[str], folder: list[str]) -> bool:
    return len(words) > len(folder) and words[: len(folder)] == folder
