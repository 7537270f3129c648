"""Marks: what a file says of the content that it was written with, in an extended attribute.

Large objects lie in the store in the parts in which they were uploaded: each download of one is a file
of its own; its mark tells that two of them are the same without reading either. Where a file system keeps no
such attributes there are no marks, and nothing depends on them but speed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

_NAME = "user.sagehen.content"
_DIGITS = 32


def identity_of(parts: Iterable[tuple[str, int, int]]) -> str:
    """Return a name of a content that lies in pieces of blobs, none of which ever changes.

    Args:
        parts: Of each piece its blob, its first byte there and its length.
    """
    digest = hashlib.sha256()
    for blob_id, start, length in parts:
        digest.update(f"{blob_id} {start} {length}\n".encode())
    return digest.hexdigest()[:_DIGITS]


def mark(descriptor: int, identity: str) -> None:
    """Mark a file that was written to its end. Who writes to it or changes its time spoils the mark."""
    with contextlib.suppress(OSError):  # no attributes here
        value = f"{identity} {os.fstat(descriptor).st_mtime_ns}"
        os.setxattr(descriptor, _NAME, value.encode())


def mark_of(file: int | Path, state: os.stat_result) -> str:
    """Return the identity of a file's content; empty where it has none that still holds.

    Args:
        file: Open, or its path, whose last step is no link.
        state: Its own.
    """
    try:
        if isinstance(file, int):
            value = os.getxattr(file, _NAME)
        else:
            value = os.getxattr(file, _NAME, follow_symlinks=False)
        identity, modified_ns = value.decode().split()
        holds = int(modified_ns) == state.st_mtime_ns and len(identity) == _DIGITS
    except (OSError, ValueError):
        return ""
    return identity if holds else ""
