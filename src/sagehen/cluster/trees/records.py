"""The form in which a tree is sent: a head of JSON for each entry, its length in front, then its bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Literal

import orjson

LENGTH = struct.Struct("!I")
# Paths of 4096 bytes at most, twice (a link has a target), as JSON writes the worst of them.
MOST_HEAD_BYTES = 64 * 1024
# As jobs' archives: folders in folders, and entries (docs, "What is bounded by what").
MOST_DEPTH = 100
MOST_ENTRIES = 200_000

# `known` is a file that the node has: its bytes do not follow.
Kind = Literal["folder", "file", "link", "known"]


class TreeRefused(Exception):
    """What comes is no tree, or more than is taken; the text says what."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, folder or link.

    Args:
        path: Relative, with slashes; empty is the top itself.
        mode: Permission bits.
        size: Bytes that follow; of a file alone.
        modified_ns: Since the epoch.
        target: Of a link.
        key: Of a file that may be kept, or that is there (`keys`).
    """

    path: bytes
    kind: Kind
    mode: int = 0
    size: int = 0
    modified_ns: int = 0
    target: bytes = b""
    key: str = ""

    def head(self) -> bytes:
        """Return what is sent before its bytes. Names are bytes, so each is told as latin-1."""
        parts = [
            self.path.decode("latin-1"), self.kind, self.mode, self.size, self.modified_ns,
            self.target.decode("latin-1"), self.key,
        ]  # fmt: skip
        text = orjson.dumps(parts)
        return LENGTH.pack(len(text)) + text


def entry_of(text: bytes) -> Entry:
    """Read a head, without its length.

    Raises:
        TreeRefused: It is none.
    """
    try:
        path, kind, mode, size, modified_ns, target, key = orjson.loads(text)
        found = Entry(_bytes(path), kind, mode & 0o777, size, modified_ns, _bytes(target), key)
    except (ValueError, TypeError, AttributeError):
        raise TreeRefused("an entry cannot be read") from None
    if kind not in ("folder", "file", "link", "known") or not isinstance(size, int) or size < 0:
        raise TreeRefused("an entry is of no kind")
    if not isinstance(key, str):
        raise TreeRefused("an entry has a key that is none")
    if not isinstance(modified_ns, int) or abs(modified_ns) >= 2**63:
        raise TreeRefused("an entry is of no time")
    steps = found.path.split(b"/")
    if found.path and (len(steps) > MOST_DEPTH or any(step in (b"", b".", b"..") for step in steps)):
        raise TreeRefused("an entry leads out of its tree")
    if b"\0" in found.path or b"\0" in found.target:
        raise TreeRefused("an entry has a name that no file can have")
    return found


def _bytes(text: Any) -> bytes:
    encoded: bytes = text.encode("latin-1")
    return encoded
