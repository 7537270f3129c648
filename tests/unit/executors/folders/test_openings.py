"""Who opens a file of a watched folder waits, in whatever namespace, until he may or is refused."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from sagehen.executors.folders.openings import FileId, Openings

# Root alone is asked: it is CI's second round that runs these.
pytestmark = pytest.mark.sandbox

_READ = "import sys; print(open(sys.argv[1]).read())"


class Asked:
    """What is asked for, and not answered yet."""

    def __init__(self) -> None:
        self.files: dict[FileId, Future[bool]] = {}
        self.may: set[FileId] = set()

    def content_of(self, file: FileId) -> Future[bool] | None:
        return None if file in self.may else self.files.setdefault(file, Future())

    async def until_asked(self, path: Path) -> Future[bool]:
        found = path.stat()
        async with asyncio.timeout(30):
            while (found.st_dev, found.st_ino) not in self.files:
                await asyncio.sleep(0.005)
        return self.files[found.st_dev, found.st_ino]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def openings(asked: Asked) -> Iterator[Openings]:
    try:
        openings = Openings(asked.content_of)
    except OSError as error:
        pytest.skip(str(error))
    yield openings
    openings.close()


async def reader(path: Path, *around: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(*around, sys.executable, "-I", "-S", "-c", _READ, str(path)),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def said(process: asyncio.subprocess.Process) -> str:
    out, error = await process.communicate()
    return (out + error).decode()


async def test_an_opening_waits_for_its_content(asked: Asked, openings: Openings, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"")
    openings.watch(tmp_path)
    process = await reader(file, "unshare", "--user", "--mount")
    content = await asked.until_asked(file)
    file.write_text("the content")  # this process asks nobody
    content.set_result(True)
    assert "the content" in await said(process)
    second = tmp_path / "b"
    second.write_text("there")
    asked.may.add((second.stat().st_dev, second.stat().st_ino))
    assert "there" in await said(await reader(second))


async def test_an_opening_is_refused_and_one_that_is_killed_ends(
    asked: Asked, openings: Openings, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).touch()
    openings.watch(tmp_path)
    refused, killed = await reader(tmp_path / "a"), await reader(tmp_path / "b")
    (await asked.until_asked(tmp_path / "a")).set_result(False)
    assert "OSError: [Errno 5]" in (told := await said(refused)) or "PermissionError" in told
    content = await asked.until_asked(tmp_path / "b")
    killed.kill()
    await said(killed)
    content.set_result(True)
    openings.unwatch(tmp_path)
    assert "Error" not in await said(await reader(tmp_path / "a"))  # nobody asks any more


async def test_a_fault_refuses_one_opening_and_not_the_next(
    asked: Asked, openings: Openings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: FileId) -> None:
        raise RuntimeError("a fault of ours")

    (tmp_path / "a").write_text("there")
    openings.watch(tmp_path)
    monkeypatch.setattr(openings, "_content_of", fails)
    assert "Error" in await said(await reader(tmp_path / "a"))
    monkeypatch.setattr(openings, "_content_of", lambda _: None)
    assert "there" in await said(await reader(tmp_path / "a"))


async def test_the_end_refuses_who_waits(asked: Asked, tmp_path: Path) -> None:
    try:
        openings = Openings(asked.content_of)
    except OSError as error:
        pytest.skip(str(error))
    before = len(os.listdir("/proc/self/fd"))
    (tmp_path / "a").touch()
    openings.watch(tmp_path)
    waiting = await reader(tmp_path / "a")
    content = await asked.until_asked(tmp_path / "a")
    openings.close()
    assert "OSError: [Errno 5]" in (told := await said(waiting)) or "PermissionError" in told
    content.set_result(True)  # too late, and no harm
    assert len(os.listdir("/proc/self/fd")) < before
