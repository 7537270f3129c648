"""Named pipes in a folder of a job's: read, left early, and whatever the job puts in their place."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagehen.executors.folders.fifo import PipeFolder, ReaderGone


@pytest.fixture
def job(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


@pytest.fixture
def pipes(tmp_path: Path, job: Path) -> Iterator[PipeFolder]:
    pipes = PipeFolder(job, tmp_path / "workshop")
    yield pipes
    pipes.close()


async def test_what_is_written_is_read_to_its_end(pipes: PipeFolder, job: Path) -> None:
    fifo = pipes.make("train_0")
    reading = asyncio.create_task(asyncio.to_thread((job / "train_0").read_bytes))
    await fifo.wait_for_reader()
    data = os.urandom(3 * 1024 * 1024)  # more than any pipe holds
    await fifo.write(data)
    fifo.remove()
    assert await reading == data
    assert not os.listdir(job)


async def test_a_reader_that_leaves_is_noticed(pipes: PipeFolder, job: Path) -> None:
    fifo = pipes.make("train_0")
    reader = os.open(job / "train_0", os.O_RDONLY | os.O_NONBLOCK)
    await fifo.wait_for_reader()
    writing = asyncio.create_task(fifo.write(bytes(3 * 1024 * 1024)))
    await asyncio.sleep(0)
    assert not writing.done()
    os.close(reader)
    with pytest.raises(ReaderGone):
        await writing
    fifo.remove()


async def test_nothing_that_the_job_puts_in_its_place_is_written_to(
    pipes: PipeFolder, job: Path, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("the host's")
    fifo = pipes.make("train_0")
    (job / "train_0").unlink()
    (job / "train_0").symlink_to(precious)
    waiting = asyncio.create_task(fifo.wait_for_reader())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    waiting.cancel()
    fifo.remove()
    # What lies where the next pipe belongs makes way, and is not followed.
    (job / "train_1").symlink_to(precious)
    second = pipes.make("train_1")
    assert (job / "train_1").is_fifo()
    second.remove()
    (job / "train_2").mkdir()
    with pytest.raises(IsADirectoryError):
        pipes.make("train_2")
    assert precious.read_text() == "the host's"


async def test_a_folder_that_the_job_has_swapped_is_not_looked_into(
    pipes: PipeFolder, job: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    job.rename(tmp_path / "moved")
    job.symlink_to(elsewhere)
    pipes.make("train_0").remove()
    assert not os.listdir(elsewhere)
    (tmp_path / "moved").rmdir()
    with pytest.raises(FileNotFoundError):
        pipes.make("train_1")
