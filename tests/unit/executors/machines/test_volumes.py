"""Volumes: what they hold survives, and no more of it than they were made for."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from sagehen.executors.limits import disk
from sagehen.executors.machines.volumes import copies, folders, images, system
from sagehen.executors.machines.volumes.choice import can_mount_images
from sagehen.executors.machines.volumes.folders import FolderVolumes
from sagehen.executors.machines.volumes.images import ImageVolumes
from sagehen.executors.machines.volumes.volume import VolumeUnavailable

_MIB = 1024 * 1024


@pytest.mark.parametrize("volume_id", ["", ".", "..", "a/b", "../x", "A", "a\0", "-a", "a" * 129, "a.b"])
async def test_an_id_that_would_lead_elsewhere_is_refused(tmp_path: Path, volume_id: str) -> None:
    for volumes in (FolderVolumes(tmp_path), ImageVolumes(tmp_path)):
        with pytest.raises(ValueError, match="id"):
            await volumes.open(volume_id, 8)
        with pytest.raises(ValueError, match="id"):
            await volumes.remove(volume_id)


async def test_a_folder_that_holds_too_much_is_told_and_may_still_be_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_LEAST_PAUSE_S", 0.01)
    volumes = FolderVolumes(tmp_path)
    volume = await volumes.open("one", 1)
    files = await volume.attach()
    (files / "big").write_bytes(bytes(2 * _MIB))
    async with asyncio.timeout(60):
        assert "1 MiB" in await volume.overrun()
    volume = await volumes.open("one", 1)
    await volume.attach()
    over = asyncio.create_task(volume.overrun())
    await asyncio.sleep(0.1)
    assert not over.done()
    over.cancel()
    await volumes.open("two", 1)
    await volumes.keep_only({"two"})
    assert [path.name for path in tmp_path.iterdir()] == ["two"]
    await volumes.remove("two")
    await volumes.remove("never-there")
    assert not (tmp_path / "two").exists()


async def test_a_folder_is_not_filled_start_after_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_MOST_OVER_MIB", 2)
    volume = await FolderVolumes(tmp_path).open("one", 1)
    files = await volume.attach()
    (files / "big").write_bytes(bytes(2 * _MIB))
    await volume.attach()
    (files / "more").write_bytes(bytes(_MIB))
    with pytest.raises(VolumeUnavailable, match="a volume of 1 MiB holds 3 MiB"):
        await volume.attach()
    await (await FolderVolumes(tmp_path).open("one", 2)).attach()


async def test_a_tool_that_runs_has_ended_when_who_is_cancelled_goes(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    running = asyncio.create_task(system.run("sh", "-c", f"sleep 0.2; touch '{ended}'"))
    await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.exists()
    with pytest.raises(VolumeUnavailable, match="exit code 3"):
        await system.run("sh", "-c", "exit 3")


def test_folders_in_one_another_without_end_are_measured() -> None:
    # In memory: on a disk, each takes milliseconds.
    folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    at = os.open(folder, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("d", dir_fd=at)
        inner = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)
    try:
        assert copies.used_bytes(folder) >= 0
    finally:
        subprocess.run(["rm", "-r", folder], check=True)


async def test_what_is_closed_to_its_owner_is_measured_and_copied(tmp_path: Path) -> None:
    files = tmp_path / "one" / "files"
    (files / "hidden").mkdir(parents=True)
    (files / "hidden" / "big").write_bytes(bytes(_MIB))
    (files / "hidden" / "big").chmod(0)
    (files / "hidden").chmod(0o300)
    assert disk.used_bytes([files]) >= _MIB
    await copies.copy(tmp_path / "one", tmp_path / "two")
    copied = tmp_path / "two" / "files" / "hidden"
    assert copied.stat().st_mode & 0o777 == 0o300
    assert (copied / "big").stat().st_size == _MIB


async def test_what_a_tool_says_in_pieces_is_told() -> None:
    with pytest.raises(VolumeUnavailable, match=r"^sh: cp: because$"):
        await copies._run("sh", "-c", "printf cp: >&2; sleep 0.05; echo ' because' >&2; exit 1")


@pytest.mark.parametrize("where", ["layers", "layers/usr", "layers/usr/work", "layers/usr/work/it"])
async def test_a_copy_changes_nothing_behind_links(tmp_path: Path, where: str) -> None:
    theirs = tmp_path / "operator's" / "usr" / "work" / "it"
    theirs.mkdir(parents=True, mode=0o755)
    files = await (await FolderVolumes(tmp_path).open("one", 8)).attach()
    link = files / where
    link.parent.mkdir(parents=True, exist_ok=True)
    depth = where.count("/")
    link.symlink_to([tmp_path / "operator's", theirs.parents[1], theirs.parent, theirs][depth])
    await copies.copy(tmp_path / "one", tmp_path / "two")
    assert theirs.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "two" / "files" / where).is_symlink()


async def test_each_kind_refuses_the_other_ones_volume(tmp_path: Path) -> None:
    await FolderVolumes(tmp_path).open("one", 8)
    with pytest.raises(VolumeUnavailable, match="without root"):
        await ImageVolumes(tmp_path).open("one", 8)
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "disk.ext4").touch()
    with pytest.raises(VolumeUnavailable, match="as root"):
        await FolderVolumes(tmp_path).open("two", 8)


async def test_a_volume_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volumes = ImageVolumes(tmp_path)
    with pytest.raises(VolumeUnavailable, match="a file of"):
        await volumes.open("one", 1 << 42)  # no file system here has files of 4 EiB
    monkeypatch.setattr(images, "_MAKE", ("false",))
    with pytest.raises(VolumeUnavailable, match="false"):
        await volumes.open("one", 8)
    assert list(tmp_path.iterdir()) == []


async def test_a_file_system_ends_at_its_size_grows_and_leaves_nothing_mounted(tmp_path: Path) -> None:
    if not can_mount_images():
        pytest.skip("only root can mount file systems")
    volumes = ImageVolumes(tmp_path)
    volume = await volumes.open("one", 8)
    files = await volume.attach()
    with pytest.raises(OSError, match="No space") as full, (files / "big").open("wb") as stream:
        stream.write(bytes(9 * _MIB))
    assert full.value.errno == errno.ENOSPC
    (files / "big").unlink()
    (files / "kept").write_text("kept")
    await volume.detach()
    assert list(files.iterdir()) == []
    files = await (await volumes.open("one", 32)).attach()
    assert (files / "kept").read_text() == "kept"
    (files / "big").write_bytes(bytes(16 * _MIB))
    # A platform was killed here.
    assert system.mounted_below(tmp_path) == [files]
    await volumes.keep_only({"one"})
    assert system.mounted_below(tmp_path) == []
    # Another one while a volume grew.
    with (tmp_path / "one" / "disk.ext4").open("ab") as stream:
        stream.truncate(64 * _MIB)
    files = await (await volumes.open("one", 64)).attach()
    assert shutil.disk_usage(files).total > 48 * _MIB
    await volumes.keep_only({"one"})
    await volumes.remove("one")
    assert not (tmp_path / "one").exists()
