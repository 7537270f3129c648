"""Volumes that come to a machine while it runs, go, and grow: where they are file systems of their own.

A process in the machine's mount namespace does it (`volumes/entering.py`). Who is not root has no way there:
what he may mount in a namespace he has to mount before anything runs in it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from pathlib import Path

from sagehen.executors.folders.ownership import give_tree
from sagehen.executors.machines.machines import Disk
from sagehen.executors.machines.volumes import system
from sagehen.executors.machines.volumes.entering import IN_USE, UNFIT
from sagehen.executors.machines.volumes.volume import PlaceUnfit, Volume, VolumeInUse, VolumeUnavailable

_ENTERING = (sys.executable, "-I", "-m", "sagehen.executors.machines.volumes.entering")
_CAP_SYS_RESOURCE = 1 << 24  # capabilities(7)
_LOOP_SET_CAPACITY = 0x4C07  # linux/loop.h


def may_grow() -> bool:
    """Tell whether this process may let a mounted ext4 grow: roots of some containers may not."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) & _CAP_SYS_RESOURCE)
    return False


async def plug(pid: int, disk: Disk) -> None:
    """Let a machine see a disk, as if it had been there at its start.

    Args:
        pid: Of its first process.

    Raises:
        PlaceUnfit: The machine has something else there.
        VolumeUnavailable: It cannot.
    """
    _require_file(disk.volume)
    try:
        mounts, _ = await disk.attach()
        for mount in mounts:
            await asyncio.to_thread(_own, pid, mount.source)
            await _within(pid, "plug", str(mount.source), mount.target)
    finally:
        await disk.volume.detach()


async def unplug(pid: int, volume: Volume, *, in_use: bool) -> None:
    """Take a disk from a machine.

    Args:
        in_use: Whether programs that have files of it open keep these until they end.

    Raises:
        VolumeInUse: They have, and may not.
        VolumeUnavailable: It is not there.
    """
    await _within(pid, "unplug", _device(volume), "1" if in_use else "0")


async def grow(pid: int, volume: Volume, size_mib: int) -> None:
    """Let a disk that a machine has hold more.

    Raises:
        VolumeUnavailable: It cannot.
    """
    if not may_grow():
        raise VolumeUnavailable("a mounted file system only grows with CAP_SYS_RESOURCE")
    device = _device(volume)
    await asyncio.to_thread(_lengthen, _require_file(volume), size_mib << 20, device)
    await _within(pid, "grow", device)


def _require_file(volume: Volume) -> Path:
    if volume.file is None:
        raise VolumeUnavailable("volumes of a machine that runs are only changed where the platform is root")
    return volume.file


def _device(volume: Volume) -> str:
    found = system.loop_device(_require_file(volume))
    if found is None:
        raise VolumeUnavailable("the volume is not attached")
    return (found / "dev").read_text().strip()


def _lengthen(file: Path, size: int, device: str) -> None:
    with file.open("ab") as stream:
        if stream.tell() < size:
            stream.truncate(size)
    name = Path(f"/sys/dev/block/{device}").resolve().name
    try:
        opened = os.open(f"/dev/{name}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.ioctl(opened, _LOOP_SET_CAPACITY, 0)
        finally:
            os.close(opened)
    except OSError as error:
        raise VolumeUnavailable(f"{name} does not grow: {error}") from error


def _own(pid: int, source: Path) -> None:
    """Give a disk to who owns the machine's root; where users are mapped, its mount does that."""
    ours = Path("/proc/self/ns/user").readlink()
    if Path(f"/proc/{pid}/ns/user").readlink() == ours:
        owner = Path(f"/proc/{pid}/root").stat()
        give_tree(source, owner.st_uid, owner.st_gid)


async def _within(pid: int, act: str, *words: str) -> None:
    """Do something in a machine's mount namespace: by a descriptor, as a number may be another's by then."""
    try:
        namespace = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise VolumeUnavailable(f"the machine has ended: {error}") from error
    command = (*_ENTERING, act, str(namespace), str(pid), *words)
    try:
        code = await system.run(*command, fine=(0, IN_USE, UNFIT), lends=(namespace,))
        if code == IN_USE:
            raise VolumeInUse("a program of the machine uses it")
        if code == UNFIT:
            raise PlaceUnfit(f"the machine has a link or a file in the way of {words[-1]}")
    finally:
        os.close(namespace)
