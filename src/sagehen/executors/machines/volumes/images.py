"""Volumes as file systems of their own, each in a sparse file: the kernel lets none outgrow its size. Root's.

<folder>/<id>/disk.ext4   the file system
<folder>/<id>/at          where it is mounted while a machine starts

It is mounted on the host only until the machine has it in its own mount namespace. From then on that alone
holds it: when the machine ends, however it ends, the kernel unmounts it and frees the loop device. So a
killed platform leaves no mount, but for one that was just starting, which `keep_only` finds. The kernel takes
its time for that, and two mounts of one file would destroy it: `attach` waits until the device is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from pathlib import Path

from sagehen.executors.folders.removal import discard, remove_tree
from sagehen.executors.limits import room
from sagehen.executors.machines.volumes import system
from sagehen.executors.machines.volumes.volume import VolumeUnavailable, Work, require_id, require_room

_MIB = 1024 * 1024
_RELEASE_PATIENCE_S, _LOOK_AGAIN_S = 60.0, 0.02
# Not zeroed ahead: the kernel does that when it has time (mkfs.ext4). -m 0: nobody here is root.
_MAKE = ("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard")
# `discard` gives back to the host what is deleted inside. A sparse file is zero already: no inode tables are
# zeroed in the background (ext4's noinit_itable), which would also count as what the machine wrote.
_MOUNT = ("mount", "-t", "ext4", "-o", "loop,nosuid,nodev,noatime,discard,noinit_itable")
_SUPER_BLOCK, _IS_64_BIT = 1024, 0x80
# e2fsck(8): 1 is "errors were corrected".
_CHECK, _CHECK_FINE = ("e2fsck", "-f", "-p"), (0, 1)


class ImageVolume:
    """One file system in a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "disk.ext4"
        self._at = folder / "at"
        # A loop device's numbers go on where those of the file before it ended.
        self._looked = self._total = Work()

    async def attach(self) -> Path:
        """See `Volume.attach`."""
        await self.free()
        await asyncio.to_thread(require_room, self.file.parent)
        self._at.mkdir(exist_ok=True)
        await system.run(*_MOUNT, str(self.file), str(self._at))
        self._looked = system.loop_device_work(self.file) or Work()
        return self._at

    async def detach(self) -> None:
        """See `Volume.detach`."""
        await _unmount(self._at)

    async def free(self) -> None:
        """Return once the kernel has let go of the file, after the end of the machine that had it.

        Raises:
            VolumeUnavailable: It has not.
        """
        await self.detach()
        deadline = asyncio.get_running_loop().time() + _RELEASE_PATIENCE_S
        while await asyncio.to_thread(system.has_loop_device, self.file):
            if asyncio.get_running_loop().time() > deadline:
                raise VolumeUnavailable("the volume is still in use")
            await asyncio.sleep(_LOOK_AGAIN_S)

    def work(self) -> Work | None:
        """See `Volume.work`."""
        if (now := system.loop_device_work(self.file)) is not None:
            self._total, self._looked = self._total + now - self._looked, now
        return self._total

    async def overrun(self) -> str:
        """See `Volume.overrun`. The file system is as large as it may be, but its file is sparse."""
        return await room.used_up(self.file.parent, lambda: self.file.stat().st_blocks * 512)


class ImageVolumes:
    """Implements `Volumes`.

    Args:
        folder: Theirs.
    """

    enforced_by = "file systems of their size (ext4 in a file)"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def open(self, volume_id: str, size_mib: int) -> ImageVolume:
        """See `Volumes.open`. A volume never shrinks."""
        folder = self._folder / require_id(volume_id)
        file, partial = folder / "disk.ext4", folder / "disk.partial"
        volume = ImageVolume(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "files").is_dir():
            raise VolumeUnavailable("the volume was made by a platform without root; run it so again")
        if not file.exists():
            try:
                await asyncio.to_thread(_make_sparse, partial, size_mib * _MIB)
                await system.run(*_MAKE, str(partial))
                partial.rename(file)
            except BaseException:
                await asyncio.to_thread(remove_tree, folder)
                raise
        elif await asyncio.to_thread(_size, file) < size_mib * _MIB:
            await volume.free()
            await system.run(*_CHECK, str(file), fine=_CHECK_FINE)
            await asyncio.to_thread(_make_sparse, file, size_mib * _MIB)
            await system.run("resize2fs", str(file))
        return volume

    async def remove(self, volume_id: str) -> None:
        """See `Volumes.remove`."""
        folder = self._folder / require_id(volume_id)
        await _unmount(folder / "at")
        await asyncio.to_thread(discard, folder)

    async def keep_only(self, volume_ids: Collection[str]) -> None:
        """See `Volumes.keep_only`."""
        for mounted in await asyncio.to_thread(system.mounted_below, self._folder.resolve()):
            await _unmount(mounted)
        for folder in list(self._folder.iterdir()) if self._folder.is_dir() else ():
            if folder.name not in volume_ids:
                await asyncio.to_thread(remove_tree, folder)


async def _unmount(at: Path) -> None:
    if not await asyncio.to_thread(at.is_mount):
        return
    try:
        await system.run("umount", str(at))
    except VolumeUnavailable:  # somebody of this host looks into it
        with contextlib.suppress(VolumeUnavailable):
            await system.run("umount", "-l", str(at))


def _size(file: Path) -> int:
    """Return the bytes of a file system: its file has more where a platform ended while it grew.

    Documented: kernel.org, ext4, The Super Block.
    """
    with file.open("rb") as stream:
        stream.seek(_SUPER_BLOCK)
        block = stream.read(_SUPER_BLOCK)
    blocks, scale, features = (int.from_bytes(block[at : at + 4], "little") for at in (0x4, 0x18, 0x60))
    if features & _IS_64_BIT:
        blocks |= int.from_bytes(block[0x150:0x154], "little") << 32
    return blocks * (1024 << scale)


def _make_sparse(file: Path, size: int) -> None:
    """Let a file have a size, without room for it.

    Raises:
        VolumeUnavailable: This machine has no files so large (ext4: 16 TiB less a block).
    """
    try:
        with file.open("ab") as stream:
            stream.truncate(max(size, stream.tell()))
        file.chmod(0o600)
    except OSError as error:
        raise VolumeUnavailable(f"a file of {size // _MIB} MiB: {error.strerror}") from error
