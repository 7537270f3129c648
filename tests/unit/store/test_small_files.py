"""Small files are written whole or not at all, in batches in which each fails for itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagehen.store.small_files import SmallFiles


class Threads:
    """Runs batches in threads, counts them, and may hold them up."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.go_on = threading.Event()
        self.go_on.set()

    async def __call__(self, function: Callable[..., Any], batch: Any) -> Any:
        self.batches.append(len(batch))

        def work() -> Any:
            self.go_on.wait()
            return function(batch)

        return await asyncio.to_thread(work)


@pytest.fixture
def threads() -> Threads:
    return Threads()


@pytest.fixture
def files(threads: Threads) -> SmallFiles:
    return SmallFiles(threads)


async def put(files: SmallFiles, target: Path, data: bytes) -> None:
    await files.write(target, target.with_name(f".{target.name}.part"), data)


async def test_what_comes_while_one_batch_is_written_is_the_next(
    files: SmallFiles, threads: Threads, tmp_path: Path
) -> None:
    contents = {tmp_path / str(n): bytes([n]) * n * 100 for n in range(200)}
    await asyncio.gather(*(put(files, path, data) for path, data in contents.items()))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == contents
    assert sum(threads.batches) == 200 and len(threads.batches) < 5
    await put(files, tmp_path / "later", b"x")
    assert (tmp_path / "later").read_bytes() == b"x"


async def test_many_wait_for_several_batches(files: SmallFiles, threads: Threads, tmp_path: Path) -> None:
    await asyncio.gather(*(put(files, tmp_path / str(n), b"x") for n in range(600)))
    assert len(list(tmp_path.iterdir())) == 600
    assert max(threads.batches) == 256


async def test_one_that_fails_leaves_nothing_and_harms_no_other(files: SmallFiles, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    results = await asyncio.gather(
        put(files, tmp_path / "a", b"a"),
        put(files, tmp_path / "missing" / "b", b"b"),
        put(files, tmp_path / "folder", b"a folder has this name"),
        put(files, tmp_path / ("long" * 63), b"its partial name is too long"),
        put(files, tmp_path / "nul\0", b"no file has such a name"),
        put(files, tmp_path / "c", b"c"),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [
        type(None),
        FileNotFoundError,
        IsADirectoryError,
        OSError,
        ValueError,
        type(None),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c", "folder"]


async def test_a_file_of_that_name_is_replaced(files: SmallFiles, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"older and longer")
    await put(files, tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


async def test_who_gave_up_waiting_stops_nobody(files: SmallFiles, threads: Threads, tmp_path: Path) -> None:
    threads.go_on.clear()
    gone = asyncio.create_task(put(files, tmp_path / "a", b"a"))
    stays = asyncio.create_task(put(files, tmp_path / "b", b"b"))
    await asyncio.sleep(0.01)
    gone.cancel()
    threads.go_on.set()
    await stays
    assert gone.cancelled() or gone.cancelling()
    assert (tmp_path / "b").read_bytes() == b"b"


async def test_without_threads_the_writers_are_told(tmp_path: Path) -> None:
    async def closed(function: object, batch: object) -> Any:
        raise RuntimeError("cannot schedule new futures after shutdown")

    files = SmallFiles(closed)
    with pytest.raises(RuntimeError):
        await put(files, tmp_path / "a", b"a")
