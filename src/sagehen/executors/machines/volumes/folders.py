"""Volumes as plain folders that are measured again and again: for who cannot mount file systems.

<folder>/<id>/files   what the volume holds

A machine that has written too much is ended, seconds later. It may be started again all the same, for its
owner to delete something: then `_ROOM_TO_DELETE_MIB` more may be written, up to `_MOST_OVER_MIB` in all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from sagehen.executors.folders.removal import discard, remove_tree
from sagehen.executors.limits.disk import DiskWatch, used_bytes
from sagehen.executors.machines.volumes.volume import VolumeUnavailable, require_id, require_room

_MIB = 1024 * 1024
_ROOM_TO_DELETE_MIB = 256
_MOST_OVER_MIB = 1024


class FolderVolume:
    """One folder, and how much it may hold."""

    file = None

    def __init__(self, files: Path, size_mib: int) -> None:
        self._files = files
        self._size_mib = size_mib
        self._limit_bytes = size_mib * _MIB

    async def attach(self) -> Path:
        """See `Volume.attach`."""
        await asyncio.to_thread(require_room, self._files)
        used = await asyncio.to_thread(used_bytes, [self._files])
        if used > (self._size_mib + _MOST_OVER_MIB) * _MIB:
            raise VolumeUnavailable(
                f"a volume of {self._size_mib} MiB holds {used // _MIB} MiB: it must be made larger"
            )
        if used > self._limit_bytes:
            self._limit_bytes = used + _ROOM_TO_DELETE_MIB * _MIB
        return self._files

    async def detach(self) -> None:
        """Nothing: it was never mounted."""

    def work(self) -> None:
        """Nobody counts what is done in a folder."""

    async def free(self) -> None:
        """Nothing: nobody holds a folder."""

    async def overrun(self) -> str:
        """See `Volume.overrun`."""
        over = await DiskWatch([self._files], self._limit_bytes).overrun()
        return (
            over
            or f"a volume of {self._size_mib} MiB holds more than that: delete something, or make it larger"
        )


class FolderVolumes:
    """Implements `Volumes`.

    Args:
        folder: Theirs.
    """

    enforced_by = "a watch that measures folders and ends who has written too much (root gets file systems)"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def open(self, volume_id: str, size_mib: int) -> FolderVolume:
        """See `Volumes.open`."""
        folder = self._folder / require_id(volume_id)
        if (folder / "disk.ext4").exists():
            raise VolumeUnavailable("the volume was made by a platform that ran as root; run it so again")
        (folder / "files").mkdir(parents=True, exist_ok=True)
        return FolderVolume(folder / "files", size_mib)

    async def remove(self, volume_id: str) -> None:
        """See `Volumes.remove`."""
        await asyncio.to_thread(discard, self._folder / require_id(volume_id))

    async def keep_only(self, volume_ids: Collection[str]) -> None:
        """See `Volumes.keep_only`."""
        for folder in list(self._folder.iterdir()) if self._folder.is_dir() else ():
            if folder.name not in volume_ids:
                await asyncio.to_thread(remove_tree, folder)
