"""pack(root): a tree as the bytes that are sent. Blocking."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Generator, Iterator
from pathlib import Path

from sagehen.cluster.trees.keys import key_of
from sagehen.cluster.trees.records import MOST_DEPTH, MOST_ENTRIES, Entry, Kind

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
PIECE_BYTES = 256 * 1024


class FileChanged(OSError):
    """What was sent is not what the key stands for."""


def pack(root: Path, below: str = "", known: frozenset[str] | None = None) -> Generator[bytes, None, None]:
    """Yield a folder, or one file, in pieces of some 256 KiB.

    Args:
        root: Ours: nobody else can put something else in its place.
        below: A relative name; of `root` that folder or file alone.
        known: Keys of files whose bytes stay out; None: nobody keeps files, and none has a key.

    No link is followed. What is neither file, folder nor link stays out, as does what vanishes meanwhile and
    what lies more than 100 folders deep or beyond the 200,000th entry. A file that changes while it is read
    has the size that it had at first.

    Raises:
        FileNotFoundError, NotADirectoryError: There is no such folder, or a link is on the way to it.
        OSError: A file that has a key was written to meanwhile.
    """
    pending = bytearray()
    for piece in _entries(root, below, known):
        pending += piece
        if len(pending) >= PIECE_BYTES:
            yield bytes(pending)
            pending.clear()
    if pending:
        yield bytes(pending)


def signature(root: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what tells whether a small folder, or one file, has changed: names, sizes and times."""
    found = []
    for path in (root, *sorted(root.rglob("*"))):
        with contextlib.suppress(OSError):
            state = path.lstat()
            if stat.S_ISREG(state.st_mode):
                found.append((str(path.relative_to(root)), state.st_size, state.st_mtime_ns))
    return tuple(found)


def _entries(root: Path, below: str, known: frozenset[str] | None) -> Iterator[bytes]:
    state = root.stat()
    if stat.S_ISREG(state.st_mode):
        yield from _file(root, None, b"", known)
        return
    outer, _, name = below.rpartition("/")
    folder = opened(root, outer)
    try:
        if is_file(folder, name):
            yield from _file(os.fsencode(name), folder, b"", known)
            return
    finally:
        os.close(folder)
    top = opened(root, below)
    try:
        state = os.fstat(top)
        yield Entry(b"", "folder", state.st_mode, 0, state.st_mtime_ns).head()
        yield from _below(top, b"", MOST_DEPTH - 1, [MOST_ENTRIES], known)
    finally:
        os.close(top)


def opened(root: Path, below: str) -> int:
    """Open a folder below one that is ours; no link is followed.

    Raises:
        FileNotFoundError, NotADirectoryError: There is none, or a link is on the way to it.
    """
    # Step by step: whoever writes there could make any folder on the way a link between two looks.
    top = os.open(root, _FOLDER)
    for step in below.split("/") if below else ():
        try:
            if step in ("", ".", ".."):
                raise NotADirectoryError(below)
            inner = os.open(step, _FOLDER, dir_fd=top)
        finally:
            os.close(top)
        top = inner
    return top


def is_file(folder: int, name: str) -> bool:
    """Tell whether a name in a folder is that of a file."""
    try:
        return bool(name) and stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _below(
    folder: int, prefix: bytes, depth: int, left: list[int], known: frozenset[str] | None
) -> Iterator[bytes]:
    with os.scandir(folder) as listed:
        names = [os.fsencode(entry.name) for entry in listed]
    for name in names:
        if left[0] == 0:
            return
        left[0] -= 1
        path = prefix + name
        try:
            state = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISREG(state.st_mode):
                yield from _file(name, folder, path, known)
            elif stat.S_ISLNK(state.st_mode):
                yield Entry(path, "link", target=os.readlink(name, dir_fd=folder)).head()
            elif stat.S_ISDIR(state.st_mode) and depth:
                inner = os.open(name, _FOLDER, dir_fd=folder)
                try:
                    yield Entry(path, "folder", state.st_mode, 0, state.st_mtime_ns).head()
                    yield from _below(inner, path + b"/", depth - 1, left, known)
                finally:
                    os.close(inner)
        except FileChanged:
            raise
        except OSError:  # it has just gone, or is closed to us
            continue


def _file(
    name: Path | bytes, folder: int | None, path: bytes, known: frozenset[str] | None
) -> Iterator[bytes]:
    descriptor = os.open(name, _FILE, dir_fd=folder)
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            return
        key = "" if known is None else key_of(state, time.time_ns(), descriptor)
        there = known is not None and key in known
        kind: Kind = "known" if there else "file"
        yield Entry(path, kind, state.st_mode, state.st_size, state.st_mtime_ns, key=key).head()
        if there:
            return
        left = state.st_size
        while left:
            # Shorter than it was: the rest is zeros, as of a hole.
            try:
                piece = os.read(descriptor, min(left, PIECE_BYTES)) or bytes(min(left, PIECE_BYTES))
            except OSError:
                piece = bytes(min(left, PIECE_BYTES))
            left -= len(piece)
            yield piece
        after = os.fstat(descriptor)
        if key and (after.st_mtime_ns, after.st_size) != (state.st_mtime_ns, state.st_size):
            raise FileChanged(f"{os.fsdecode(path)} was written to while it was sent")
    finally:
        os.close(descriptor)
