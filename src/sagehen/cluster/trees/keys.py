"""Keys: by what a node knows a file of the platform's again, so that it is sent once.

Reading a file for a digest takes as long as sending it. A file that S3 wrote may say which content it has
(`store.content_marks`). Of others, what they are on the platform's disk says as much: inode, size, time and
mode, since nobody writes to what is shown read-only, and objects of the store that are in one piece are one
file with many names. Of these, files that have just been written are sent: of two within one tick of the
disk's clock, the second may have the inode, the time and the size of the first.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from sagehen.cluster.trees.records import MOST_DEPTH, MOST_ENTRIES
from sagehen.store.content_marks import mark_of

# Below this, asking costs as much as sending.
LEAST_BYTES = 64 * 1024
_SETTLED_NS = 2_000_000_000
_ETAG = re.compile(r'"([0-9a-f]{32}(?:-[0-9]{1,5})?)"')
_KEY = re.compile(
    r"[0-9a-f]{1,16}(?:-[0-9a-f]{1,16}){4}|c[0-9a-f]{32}(?:-[0-9a-f]{1,16}){2}"
    r"|s[0-9a-f]{32}-[0-9a-f]{32}(?:-[0-9]{1,5})?-[0-9a-f]{1,16}"
)


def key_of(state: os.stat_result, now_ns: int, file: int | Path) -> str:
    """Return a file's key; empty where it has none.

    Args:
        now_ns: The time of the file system.
        file: Open, or its path, whose last step is no link.
    """
    if not stat.S_ISREG(state.st_mode) or state.st_size < LEAST_BYTES or state.st_mtime_ns < 0:
        return ""
    mode = stat.S_IMODE(state.st_mode) & 0o777
    if content := mark_of(file, state):
        return f"c{content}-{state.st_size:x}-{mode:x}"
    if now_ns - state.st_mtime_ns <= _SETTLED_NS:
        return ""
    parts = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, mode)
    return "-".join(f"{part:x}" for part in parts)


def object_name(bucket: str, key: str) -> str:
    """Return what keys of an object's versions begin with."""
    return "s" + hashlib.sha256(f"{bucket}/{key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def object_key(bucket: str, key: str, etag: str, size: int) -> str:
    """Return the key of an object that a node has got from S3; empty where it has none.

    Args:
        etag: With its quotes, as S3 writes it.
    """
    found = _ETAG.fullmatch(etag)
    if found is None or size < LEAST_BYTES:
        return ""
    return f"{object_name(bucket, key)}-{found[1]}-{size:x}"


def etag_in(key: str) -> tuple[str, int]:
    """Return what `object_key` was given: an ETag with its quotes, and a size."""
    _, *etag, size = key.split("-")
    return f'"{"-".join(etag)}"', int(size, 16)


def is_key(text: object) -> bool:
    """Tell whether this may be a key, and so a file's name."""
    return isinstance(text, str) and _KEY.fullmatch(text) is not None


def keys_below(root: Path, now_ns: int) -> Iterator[str]:
    """Yield the keys of files below a folder, or of one file. Blocking; no link is followed."""
    pending, seen = [(root, 0)], 0
    while pending:
        path, depth = pending.pop()
        try:
            state = path.lstat()
            if stat.S_ISDIR(state.st_mode) and depth < MOST_DEPTH:
                pending += [(path / name, depth + 1) for name in os.listdir(path)]  # noqa: PTH208 - names alone
            elif key := key_of(state, now_ns, path):
                yield key
        except OSError:  # it has just gone, or is closed to us: it is not sent either
            continue
        seen += 1
        if seen > MOST_ENTRIES:
            return
