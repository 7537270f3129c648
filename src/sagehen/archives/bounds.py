"""How much of somebody else's making is packed or unpacked, and how such work is given up.

Archives are a few bytes that become many, and so are sparse files on their way back: sizes are those that a
reader sees. Work of minutes in a thread asks `Abandoned` between two pieces, so that a deadline or
StopTrainingJob ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

GIB = 1024**3
# Deeper trees exhaust the stack of whatever walks them later.
MAX_DEPTH = 100
# Names of all that lies in an archive are in memory at once. AWS names no number.
MAX_ENTRIES = 200_000
# PATH_MAX is 4096 with what is before it: the data folder, or /opt/ml/model.
MAX_PATH_BYTES = 3000
# NAME_MAX of Linux's file systems.
MAX_NAME_BYTES = 255
# The volume of AWS's instances where none is asked for, 30 GB: what SDKs send, from memory.
DEFAULT_BYTES = 30 * GIB
# Left to the platform's own files.
DISK_RESERVE_BYTES = 512 * 1024**2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one archive may hold.

    Args:
        size: Bytes of all files together, holes of sparse files counted.
        entries: Files, folders and links.
    """

    size: int = DEFAULT_BYTES
    entries: int = MAX_ENTRIES


def of_volume(gigabytes: int | None) -> Bounds:
    """Return the bounds that VolumeSizeInGB sets; None is a type with disks of its own."""
    return Bounds() if gigabytes is None else Bounds(gigabytes * GIB)


def free_bytes(folder: Path) -> int:
    """Return what may be written to a folder's disk. Blocking for a moment."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize - DISK_RESERVE_BYTES


def room_in(folder: Path) -> int:
    """Return the same, and 0 where it is less than nothing. Blocking for a moment."""
    return max(0, free_bytes(folder))


class TooMuch(Exception):
    """More than the bounds; the message says what is, in words for a FailureReason."""


class Abandoned(Exception):
    """Nobody waits for this work any more."""


class Patience:
    """Tells work in a thread whether somebody still waits for it."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def end(self) -> None:
        """Say that nobody waits any more; `check` raises from now on, in whatever thread."""
        self._over.set()

    def check(self) -> None:
        """Raise Abandoned once nobody waits."""
        if self._over.is_set():
            raise Abandoned


async def in_thread(work: Callable[[Patience], T]) -> T:
    """Run `work` in a thread. Cancelled, it tells the work to stop and returns when it has.

    What it works on may be deleted right afterwards.
    """
    patience = Patience()
    running = asyncio.ensure_future(asyncio.to_thread(work, patience))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        patience.end()
        with contextlib.suppress(Exception):
            await running
        raise
