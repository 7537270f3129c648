"""The host's disk is nearly full: who goes on writing is ended, who rests is left alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sagehen.executors.limits import room
from sagehen.executors.limits.disk import DiskWatch
from sagehen.executors.machines.volumes.folders import FolderVolumes
from sagehen.executors.machines.volumes.images import ImageVolume
from sagehen.executors.machines.volumes.volume import VolumeUnavailable

_MIB = 1024 * 1024


@pytest.fixture
def free_mib(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What is left, look by look; the last stays."""
    left = [100]
    monkeypatch.setattr(room, "_LOOK_AGAIN_S", 0.0)
    monkeypatch.setattr(room, "free_mib", lambda _: left.pop(0) if len(left) > 1 else left[0])
    return left


@pytest.mark.parametrize(
    ("used_mib", "looks"),
    [
        ([0, 16], 2),
        ([0, 4, 8, 12, 16], 5),  # slowly, but on and on
        ([40, 20, 30, 36], 4),  # it made room, and took it again
    ],
)
async def test_who_writes_on_is_told(
    free_mib: list[int], tmp_path: Path, used_mib: list[int], looks: int
) -> None:
    asked = []

    def used() -> int:
        asked.append(None)
        return used_mib[len(asked) - 1] * _MIB

    said = await room.used_up(tmp_path, used)
    assert said == "this computer's disk has 100 MiB left: who goes on writing is ended"
    assert len(asked) == looks


async def test_who_rests_is_left_alone_and_so_is_who_writes_while_there_is_room(
    free_mib: list[int], tmp_path: Path
) -> None:
    free_mib[:] = [100, 4000, 100, 4000, 100]
    looked, rested = 0, asyncio.Event()

    def used() -> int:
        nonlocal looked
        looked += 1
        if looked == 30:
            loop.call_soon_threadsafe(rested.set)
        return min(looked, 3) * 100 * _MIB  # grows from one time without room to the next, then no more

    loop = asyncio.get_running_loop()
    watching = asyncio.create_task(room.used_up(tmp_path, used))
    await rested.wait()
    assert not watching.done()
    watching.cancel()


async def test_folders_and_files_of_machines_are_watched(free_mib: list[int], tmp_path: Path) -> None:
    file = tmp_path / "disk.ext4"
    file.write_bytes(b"")
    watched = [ImageVolume(tmp_path).overrun(), DiskWatch([tmp_path], 1 << 40).overrun()]
    tasks = [asyncio.ensure_future(each) for each in watched]
    with file.open("ab") as stream:
        while not all(task.done() for task in tasks):
            stream.write(bytes(_MIB))
            stream.flush()
            await asyncio.sleep(0.001)
    assert all("100 MiB left" in task.result() for task in tasks)
    volume = await FolderVolumes(tmp_path).open("one", 8)
    with pytest.raises(VolumeUnavailable, match="100 MiB left"):
        await volume.attach()
