"""A folder that instances write to: what changes is stored, and what was deleted is forgotten here."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from sagehen.archives.bounds import TooMuch
from sagehen.domain.ports.storage.outgoing import Target
from sagehen.executors.folders.job import HostFolder
from sagehen.outgoing import changes as room
from sagehen.outgoing.changes import Outgoing

_FOLDER = PurePosixPath("checkpoints")
_TARGET = Target("out", "ckpt", 1024, "checkpoints")


class FakeUploads:
    """Implements `ports.Uploads`: what was stored, by bucket and key."""

    def __init__(self) -> None:
        self.content: dict[tuple[str, str], bytes] = {}

    async def upload(
        self,
        bucket: str,
        key: str,
        source: Path,
        content_type: str = "application/octet-stream",
        kms_key_id: str | None = None,
        size: int | None = None,
    ) -> None:
        self.content[bucket, key] = source.read_bytes()[:size]


async def test_what_an_instance_deletes_is_not_remembered(tmp_path: Path) -> None:
    objects, hosts = FakeUploads(), [HostFolder(tmp_path / name) for name in ("algo-1", "algo-2")]
    for host in hosts:
        host.create()
        (host.checkpoints / host.root.name).write_text("one")
    outgoing = Outgoing(hosts, _FOLDER, _TARGET, objects)
    await outgoing.store(settled_only=True)  # just written: perhaps half
    assert outgoing.stored == 0
    await outgoing.store()
    await outgoing.store()
    assert set(objects.content) == {("out", "ckpt/algo-1"), ("out", "ckpt/algo-2")} and outgoing.stored == 2
    for number in range(50):
        (hosts[0].checkpoints / f"{number}").write_text("one")
        await outgoing.store()
        (hosts[0].checkpoints / f"{number}").unlink()
    await outgoing.store()
    assert [len(kept) for kept in outgoing._kept.values()] == [1, 1]
    assert ("out", "ckpt/49") in objects.content and outgoing.stored == 52
    (hosts[1].checkpoints / "large").write_bytes(bytes(1025))
    with pytest.raises(TooMuch):
        await outgoing.store()


async def test_more_files_than_anybody_looks_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_ENTRIES", 20)
    objects, host = FakeUploads(), HostFolder(tmp_path / "algo-1")
    host.create()
    for number in range(21):
        (host.checkpoints / str(number)).touch()
    outgoing = Outgoing([host], _FOLDER, _TARGET, objects)
    with pytest.raises(TooMuch, match="the checkpoints of algo-1 are more than 20 files"):
        await outgoing.store()
    (host.checkpoints / "7").unlink()
    await outgoing.store()
    assert len(objects.content) == 20


async def test_what_came_from_there_is_not_stored_again(tmp_path: Path) -> None:
    objects, host = FakeUploads(), HostFolder(tmp_path / "algo-1")
    host.create()
    (host.checkpoints / "a").write_text("one")
    outgoing = Outgoing([host], _FOLDER, _TARGET, objects)
    outgoing.has_stored(host, outgoing.scan(host))
    await outgoing.store()
    assert objects.content == {}


async def test_what_grows_after_it_was_looked_at_is_bounded_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects, host = FakeUploads(), HostFolder(tmp_path / "algo-1")
    host.create()
    for name in ("a", "b"):
        (host.checkpoints / name).write_text("one")
    outgoing = Outgoing([host], _FOLDER, _TARGET, objects)

    def scan_and_grow(of: HostFolder) -> Any:
        found = Outgoing.scan(outgoing, of)
        os.truncate(host.checkpoints / "a", 1 << 40)  # takes no room, and would be read for hours
        (host.checkpoints / "b").write_text("a little more")
        return found

    monkeypatch.setattr(outgoing, "scan", scan_and_grow)
    await outgoing.store()
    assert objects.content == {("out", "ckpt/b"): b"a little more"}
    with pytest.raises(TooMuch):
        await outgoing.store()


async def test_what_grows_while_it_is_opened_again_is_stored_as_it_was(tmp_path: Path) -> None:
    host = HostFolder(tmp_path / "algo-1")
    host.create()
    (host.checkpoints / "a").write_text("one")

    class Growing(FakeUploads):
        async def upload(self, bucket: str, key: str, source: Path, *args: Any, **more: Any) -> None:
            os.truncate(host.checkpoints / "a", 2000)
            await super().upload(bucket, key, source, *args, **more)

    objects = Growing()
    await Outgoing([host], _FOLDER, _TARGET, objects).store()
    assert objects.content == {("out", "ckpt/a"): b"one"}
