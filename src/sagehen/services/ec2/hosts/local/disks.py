"""Disks: the volumes of this computer and what was kept of them; one at a time has each in hand.

<folder>/volumes, snapshots   see `executors.machines.volumes`; a snapshot is a volume's folder, as a whole:
                              whatever a machine's disk consists of is in it
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from pathlib import Path
from typing import Protocol

from sagehen.executors.folders.removal import discard, remove_tree
from sagehen.executors.machines.pause import Restless
from sagehen.executors.machines.volumes.choice import chosen_volumes
from sagehen.executors.machines.volumes.copies import copy
from sagehen.executors.machines.volumes.images import ImageVolumes
from sagehen.executors.machines.volumes.volume import Volume, Volumes, VolumeUnavailable, require_id
from sagehen.services.ec2.hosts.host import Attached, DiskUnavailable
from sagehen.services.ec2.hosts.local.turns import Turns

_MIB_PER_GIB = 1024
# A machine that comes up, or ends, while its disks are copied: they are copied anew.
_MOST_TRIES = 5


class Running(Protocol):
    """A machine that has disks of ours."""

    def standing_still(self) -> contextlib.AbstractAsyncContextManager[None]:
        """Let nothing of it run meanwhile."""
        ...

    @property
    def writes(self) -> bool:
        """Whether it may write to its disks now."""
        ...

    @property
    def at_rest(self) -> bool:
        """Whether it is between two boots, without any process."""
        ...


class Disks:
    """Makes, copies and removes them.

    Args:
        folder: Of the machines.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._snapshots = folder / "snapshots"
        self._turns = Turns()
        self._volumes_made: Volumes | None = None
        self._choosing = asyncio.Lock()
        self._machines: dict[str, Running] = {}

    @contextlib.asynccontextmanager
    async def in_hand(self, volume_ids: Collection[str]) -> AsyncIterator[None]:
        """Have volumes to oneself, as one that starts with them has."""
        async with self._turns.of(volume_ids):
            yield

    def runs(self, machine: Running, volume_ids: Collection[str]) -> None:
        """Note who writes to volumes from now on."""
        self._machines |= dict.fromkeys(volume_ids, machine)

    def ended(self, machine: Running) -> None:
        """Note that it does no longer."""
        self._machines = {name: each for name, each in self._machines.items() if each is not machine}

    def let_go(self, volume_id: str) -> None:
        """Note that nobody writes to a volume any longer."""
        self._machines.pop(volume_id, None)

    async def are_file_systems(self) -> bool:
        """Tell whether each volume is a file system of its own."""
        return isinstance(await self._volumes(), ImageVolumes)

    async def open(self, attached: Attached) -> Volume:
        """Return a volume, made where there is none: empty, or with what a snapshot holds.

        Raises:
            VolumeUnavailable
        """
        place = self._place(attached.volume_id)
        names = [attached.volume_id, *([attached.snapshot_id] if attached.snapshot_id else [])]
        async with self._turns.of(names):
            volumes = await self._volumes()
            if attached.snapshot_id and not await asyncio.to_thread(place.exists):
                await copy(self._snapshots / require_id(attached.snapshot_id), place)
            return await volumes.open(attached.volume_id, attached.gib * _MIB_PER_GIB)

    async def remove(self, volume_id: str) -> None:
        """Remove a volume. None is fine."""
        async with self._turns.of([volume_id]):
            await (await self._volumes()).remove(volume_id)

    async def snapshot(
        self, volumes: Mapping[str, Attached], on_moment: Callable[[], None] | None
    ) -> dict[str, int]:
        """Keep what volumes hold at one moment; return the bytes that each copy takes.

        Args:
            volumes: By the id of the snapshot to be made.
            on_moment: Called once nothing writes to them any more.

        Raises:
            DiskUnavailable
        """
        ids = {attached.volume_id for attached in volumes.values()}
        try:
            for attached in volumes.values():
                if not await asyncio.to_thread(self._place(attached.volume_id).exists):
                    await self.open(attached)  # no machine ever had it
            for _ in range(_MOST_TRIES):
                machines = self._having(ids)
                async with contextlib.AsyncExitStack() as stack:
                    for machine in machines:
                        await stack.enter_async_context(machine.standing_still())
                    await stack.enter_async_context(self._turns.of(ids))
                    if any(each.writes for each in self._having(ids)):
                        continue  # one came up in between
                    if on_moment is not None:
                        on_moment()
                    sizes = await self._copied(volumes, at_rest=all(each.at_rest for each in machines))
                    if self._having(ids) == machines:
                        return sizes
                    await self._discard(sizes)  # it ended in between, which changed its disks
        except (VolumeUnavailable, Restless, OSError) as error:
            raise DiskUnavailable(str(error)) from error
        raise DiskUnavailable("the machine starts and ends again and again")

    async def copy_snapshot(self, snapshot_id: str, source_id: str) -> int:
        """Copy one; return the bytes that it takes.

        Raises:
            DiskUnavailable
        """
        source, target = self._snapshots / require_id(source_id), self._snapshots / require_id(snapshot_id)
        try:
            async with self._turns.of([snapshot_id, source_id]):
                return await copy(source, target)
        except (VolumeUnavailable, OSError) as error:
            raise DiskUnavailable(str(error)) from error

    async def remove_snapshot(self, snapshot_id: str) -> None:
        """Remove one. None is fine."""
        async with self._turns.of([snapshot_id]):
            await asyncio.to_thread(discard, self._snapshots / require_id(snapshot_id))

    async def keep_only(self, volume_ids: Collection[str], snapshot_ids: Collection[str]) -> set[str]:
        """Remove all others; return the snapshots that are there."""
        await (await self._volumes()).keep_only(volume_ids)
        return await asyncio.to_thread(_keep_only, self._snapshots, snapshot_ids)

    def _having(self, volume_ids: Collection[str]) -> list[Running]:
        return list({id(each): each for name in volume_ids if (each := self._machines.get(name))}.values())

    async def _copied(self, volumes: Mapping[str, Attached], *, at_rest: bool) -> dict[str, int]:
        sizes: dict[str, int] = {}
        try:
            for snapshot_id, attached in volumes.items():
                if at_rest:
                    volume = await (await self._volumes()).open(attached.volume_id, 0)
                    await volume.free()
                place = self._place(attached.volume_id)
                sizes[snapshot_id] = await copy(place, self._snapshots / require_id(snapshot_id))
        except BaseException:
            await self._discard(sizes)
            raise
        return sizes

    async def _discard(self, snapshot_ids: Collection[str]) -> None:
        for snapshot_id in snapshot_ids:
            await asyncio.to_thread(discard, self._snapshots / snapshot_id)

    def _place(self, volume_id: str) -> Path:
        return self._folder / "volumes" / require_id(volume_id)

    async def _volumes(self) -> Volumes:
        async with self._choosing:
            if self._volumes_made is None:
                await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
                self._volumes_made = await asyncio.to_thread(chosen_volumes, self._folder / "volumes")
            return self._volumes_made


def _keep_only(folder: Path, names: Collection[str]) -> set[str]:
    kept = set()
    for found in list(folder.iterdir()) if folder.is_dir() else ():
        if found.name in names:
            kept.add(found.name)
        else:
            remove_tree(found)
    return kept
