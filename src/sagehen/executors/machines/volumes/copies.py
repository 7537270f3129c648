"""Copies of volumes, made beside them: what a disk held at a moment, as after a power cut."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from sagehen.domain.own_processes import end
from sagehen.executors.folders.reading import reads_all
from sagehen.executors.folders.removal import remove_tree
from sagehen.executors.limits import disk, room
from sagehen.executors.machines.volumes import system
from sagehen.executors.machines.volumes.volume import VolumeUnavailable

# What a volume of either kind consists of.
_IMAGE = "disk.ext4"
_CONTENTS = (_IMAGE, "files")
_MIB = 1024 * 1024
# Of a terabyte without reflinks.
_PATIENCE_S = 3600.0
_TOLD_BYTES = 4096


async def copy(source: Path, target: Path) -> int:
    """Copy a volume's folder to one that is not there yet; return the bytes that it takes.

    Holes stay holes, and where the file system can, both share what neither changes. A copy that is cancelled
    leaves nothing.

    Raises:
        VolumeUnavailable: There is no such volume, or no room.
    """
    name = await asyncio.to_thread(_content, source)
    if name == _IMAGE:  # what a running machine wrote may not have reached the file
        await asyncio.to_thread(os.sync)
    await asyncio.to_thread(_let_read, source / name)
    await asyncio.to_thread(_require_room, source / name, target.parent)
    partial = target.with_name(f"{target.name}.partial")
    try:
        await asyncio.to_thread(_begin, partial)
        command = (*await asyncio.to_thread(reads_all), "cp", "-a", "--reflink=auto", "--sparse=always", "--")
        await _run(*command, str(source / name), str(partial))
        await asyncio.to_thread(partial.rename, target)
    except BaseException:
        await asyncio.to_thread(remove_tree, partial)
        raise
    return await asyncio.to_thread(used_bytes, target)


def used_bytes(content: Path) -> int:
    """Return what a file, or all below a folder, takes of the disk. Blocking."""
    return disk.used_bytes([content]) if content.is_dir() else content.lstat().st_blocks * 512


def _let_read(source: Path) -> None:
    """Let overlayfs's folders for what it is about to do be read: it makes them with no rights at all.

    Such names may be a user's own, and links: none is followed.
    """
    for layer in _folders(source / "layers"):
        for folder in _folders(layer / "work"):
            folder.chmod(0o700)


def _folders(folder: Path) -> list[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return []
    return [inner for inner in folder.iterdir() if inner.is_dir() and not inner.is_symlink()]


def _content(source: Path) -> str:
    for name in _CONTENTS:
        if (source / name).exists():
            return name
    raise VolumeUnavailable("there is nothing to copy")


def _require_room(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    needed, free = used_bytes(source) // _MIB, room.free_mib(target)
    if needed + room.LEAST_FREE_MIB > free:
        raise VolumeUnavailable(f"this machine's disk has {free} MiB left, the copy takes {needed}")


def _begin(partial: Path) -> None:
    remove_tree(partial)
    partial.mkdir(parents=True)


async def _run(*command: str) -> None:
    """Run a tool that may take long: cancelled, it is ended.

    Raises:
        VolumeUnavailable: It failed, is missing, or took too long.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, env=system.ENVIRONMENT, cwd="/",
        )  # fmt: skip
    except OSError as error:
        raise VolumeUnavailable(f"{command[0]}: {error}") from error
    telling = asyncio.create_task(_told(process))
    try:
        await asyncio.wait({telling}, timeout=_PATIENCE_S)
        if not telling.done():
            raise VolumeUnavailable(f"{command[0]} took too long")
        if await process.wait() != 0:
            raise VolumeUnavailable(f"{command[0]}: {telling.result() or 'failed'}")
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        await end(process)


async def _told(process: asyncio.subprocess.Process) -> str:
    """Return the first line that it says, once it has said all."""
    assert process.stdout is not None
    first = b""
    while piece := await process.stdout.read(1 << 16):
        first += piece[: _TOLD_BYTES - len(first)]  # cp says its lines in several pieces
    return first.decode("utf-8", "replace").partition("\n")[0].strip()
