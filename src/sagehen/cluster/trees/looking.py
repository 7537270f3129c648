"""How much lies in a tree, without its bytes. Blocking.

A sandbox may be writing there: no link is followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sagehen.cluster.trees.packing import is_file, opened
from sagehen.cluster.trees.records import MOST_DEPTH, MOST_ENTRIES

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def is_large(root: Path, below: str, least: int) -> bool:
    """Tell whether the files of a folder, or one file, are together at least so many bytes; False of what is
    not there."""
    size = 0
    for state in _files(root, below):
        size += state.st_size if stat.S_ISREG(state.st_mode) else 0
        if size >= least:
            return True
    return False


def _files(root: Path, below: str) -> Iterator[os.stat_result]:
    try:
        if not below and stat.S_ISREG((state := root.lstat()).st_mode):
            yield state
            return
        outer, _, name = below.rpartition("/")
        top = opened(root, outer)
    except OSError:
        return
    try:
        if is_file(top, name):
            yield os.stat(name, dir_fd=top, follow_symlinks=False)
            return
    except OSError:  # it has just gone
        return
    finally:
        os.close(top)
    try:
        top = opened(root, below)
    except OSError:
        return
    try:
        yield from _below(top, MOST_DEPTH - 1, [MOST_ENTRIES])
    finally:
        os.close(top)


def _below(folder: int, depth: int, left: list[int]) -> Iterator[os.stat_result]:
    with os.scandir(folder) as listed:
        names = [entry.name for entry in listed]
    for name in names:
        if left[0] == 0:
            return
        left[0] -= 1
        try:
            state = os.stat(name, dir_fd=folder, follow_symlinks=False)
            inner = os.open(name, _FOLDER, dir_fd=folder) if stat.S_ISDIR(state.st_mode) and depth else -1
        except OSError:  # it has just gone, or is closed to us
            continue
        if inner < 0:
            yield state
            continue
        try:
            yield state
            yield from _below(inner, depth - 1, left)
        finally:
            os.close(inner)
