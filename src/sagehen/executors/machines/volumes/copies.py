"""Copies of volumes, made beside them: what a disk held at a moment, as after a power cut."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from sagehen.executors.folders.removal import remove_tree
from sagehen.executors.machines.volumes import system
from sagehen.executors.machines.volumes.volume import VolumeUnavailable

# What a volume of either kind consists of.
_CONTENTS = ("disk.ext4", "files")


async def copy(source: Path, target: Path) -> int:
    """Copy a volume's folder to one that is not there yet; return the bytes that it takes.

    Holes stay holes, and where the file system can, both share what neither changes.

    Raises:
        VolumeUnavailable: There is no such volume, or no room.
    """
    name = next((name for name in _CONTENTS if (source / name).exists()), None)
    if name is None:
        raise VolumeUnavailable("there is nothing to copy")
    partial = target.with_name(f"{target.name}.partial")
    await asyncio.to_thread(remove_tree, partial)
    partial.mkdir(parents=True)
    if name == "disk.ext4":  # what a running machine wrote may not have reached the file
        await asyncio.to_thread(os.sync)
    try:
        await system.run(
            "cp", "-a", "--reflink=auto", "--sparse=always", "--", str(source / name), str(partial / name)
        )
    except BaseException:
        await asyncio.to_thread(remove_tree, partial)
        raise
    partial.rename(target)
    return await asyncio.to_thread(_bytes, target)


def _bytes(folder: Path) -> int:
    found = 0
    for path, _, names in os.walk(folder):
        for name in names:
            found += os.lstat(os.path.join(path, name)).st_blocks * 512  # noqa: PTH118
    return found
