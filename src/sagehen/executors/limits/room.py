"""The host's own disk: what sandboxes and machines may write is promised, and more than there is.

Not all of them use at once what they may, so nothing is refused for the sum. Where the disk is nearly full
all the same, whoever goes on writing is ended before the platform itself, and everybody else here, can write
no more. Who has filled it and rests is left alone: nothing would be gained that is not his to delete.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

_MIB = 1024 * 1024
# Of the host's disk; below it, who writes is looked for.
LEAST_FREE_MIB = 512
# To start one: what is written until it is seen is not more than the difference.
FREE_TO_START_MIB = 1024
# Less is no filling of a disk: logs, and what was written before and reaches it only now.
_GROWTH_BYTES = 16 * _MIB
_LOOK_AGAIN_S = 1.0


def free_mib(folder: Path) -> int:
    """Return what the disk of a folder has left, in MiB."""
    return shutil.disk_usage(folder).free // _MIB


async def used_up(folder: Path, used_bytes: Callable[[], int]) -> str:
    """Return, once the host's disk is nearly full and somebody goes on writing, what to say of it.

    Args:
        folder: On that disk.
        used_bytes: What he occupies now. Blocking; asked only while the disk is nearly full.
    """
    before: int | None = None
    while True:
        await asyncio.sleep(_LOOK_AGAIN_S)
        free = await asyncio.to_thread(free_mib, folder)
        if free >= LEAST_FREE_MIB:
            before = None
            continue
        used = await asyncio.to_thread(used_bytes)
        if before is not None and used - before >= _GROWTH_BYTES:
            return f"this computer's disk has {free} MiB left: who goes on writing is ended"
        before = used if before is None else min(before, used)
