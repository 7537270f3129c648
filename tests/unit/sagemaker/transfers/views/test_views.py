"""Files of a FastFile channel get their content when they are opened, or before; or are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from sagehen.executors.folders.openings import FileId
from sagehen.services.sagemaker.transfers.failures import DownloadFailed
from sagehen.services.sagemaker.transfers.views import views as room
from sagehen.services.sagemaker.transfers.views.views import Views

from ...conftest import SESSION, FakeObjects


class FakeOpenings:
    """Asks when a test opens a file."""

    refusal: OSError | None = None

    def __init__(self, content_of: Callable[[FileId], Future[bool] | None]) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.content_of = content_of
        self.watched: set[Path] = set()

    def watch(self, folder: Path) -> None:
        self.watched.add(folder)

    def unwatch(self, folder: Path) -> None:
        self.watched.remove(folder)

    def close(self) -> None: ...


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder, self.objects, self.notes = folder, FakeObjects(), list[str]()
        self.views = Views(self.objects, SESSION, self.notes.append)
        self.tasks: list[asyncio.Task[None]] = []

    async def put_off(self, name: str, content: bytes) -> bool:
        self.objects.put(f"s3://data/{name}", content)
        summary = self.objects._summary("data", name)
        return await self.views.put_off("data", summary, self.folder / name)

    async def opened(self, name: str) -> bytes | None:
        """Open a file as another process does; None: it is refused."""
        found = (self.folder / name).stat()
        content = self.openings.content_of((found.st_dev, found.st_ino))
        if content is not None and not await asyncio.wait_for(asyncio.wrap_future(content), 30):
            return None
        return (self.folder / name).read_bytes()

    @property
    def openings(self) -> Any:
        return self.views._openings

    def begin(self) -> None:
        self.tasks = [asyncio.create_task(work) for work in self.views.works()]

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.views.close()


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(room, "Openings", FakeOpenings)
    monkeypatch.setattr(room, "_WORTH_BYTES", 4)
    bench = Bench(tmp_path)
    yield bench
    await bench.end()


async def test_files_are_there_by_size_and_filled_in_order(bench: Bench) -> None:
    names = [f"{number:02}" for number in range(10)]
    assert all([await bench.put_off(name, name.encode() * 2000) for name in names])
    assert (bench.folder / "00").read_bytes() == bytes(4000)
    bench.begin()
    assert await bench.opened("09") == b"09" * 2000
    await bench.tasks[0]
    assert [(bench.folder / name).read_bytes() for name in names] == [name.encode() * 2000 for name in names]
    assert bench.openings.watched == set()  # from here on nobody asks
    assert not bench.notes


async def test_who_asks_goes_before_the_order(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    read = bench.objects.read

    async def noted(principal: Any, bucket: str, key: str) -> Any:
        order.append(key)
        if key == "00":
            await asyncio.Event().wait()
        return await read(principal, bucket, key)

    monkeypatch.setattr(bench.objects, "read", noted)
    for number in range(100):
        await bench.put_off(f"{number:02}", b"content")
    bench.begin()
    assert await bench.opened("99") == b"content"
    assert order == ["00", "99"]


async def test_what_is_small_or_too_much_is_written_out_before(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_MOST_FILES", 1)
    assert [await bench.put_off(name, b"x" * size) for name, size in (("a", 3), ("b", 4), ("c", 5))] == [
        False, True, False,
    ]  # fmt: skip
    assert [path.name for path in bench.folder.iterdir()] == ["b"]


async def test_without_the_right_to_be_asked_all_is(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeOpenings, "refusal", PermissionError(1, "fanotify_init"))
    assert not await bench.put_off("a", b"content")
    assert bench.views.works() == []


async def test_what_has_changed_or_may_not_be_read_is_refused_and_said(bench: Bench) -> None:
    for name in ("changed", "gone", "kept"):
        await bench.put_off(name, b"content")
    bench.objects.put("s3://data/changed", b"longer content")
    del bench.objects.content["data", "gone"]
    bench.begin()
    assert [await bench.opened(name) for name in ("changed", "gone", "kept")] == [None, None, b"content"]
    assert await bench.opened("gone") is None  # nor later
    assert [line.split(" cannot be read: ")[0] for line in sorted(bench.notes)] == [
        "sagehen: s3://data/changed", "sagehen: s3://data/gone",
    ]  # fmt: skip


async def test_a_full_disk_ends_the_job(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    await bench.put_off("a", b"content")
    monkeypatch.setattr(bench.objects, "read", full)
    bench.begin()
    with pytest.raises(DownloadFailed, match="CapacityError"):
        await bench.tasks[0]
    assert await bench.opened("a") is None
