"""SmallFiles: many small files written with few ways into a thread and back.

A training job's channel may be ten thousand images. By itself the way into a thread and back took
longer than the making of such a file; what comes while one batch is written is the next batch.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_BATCH_FILES = 256


@dataclass(frozen=True, slots=True)
class _Wanted:
    target: Path
    partial: Path
    data: bytes
    written: asyncio.Future[None]


class Threads(Protocol):
    """Runs blocking work in a thread: `BlobFolder.run`."""

    async def __call__(
        self, function: Callable[[Sequence[_Wanted]], list[Exception | None]], wanted: Sequence[_Wanted], /
    ) -> list[Exception | None]: ...


class SmallFiles:
    """Writes files, one batch at a time.

    Args:
        run: Runs a batch in a thread.
    """

    def __init__(self, run: Threads) -> None:
        self._run = run
        self._waiting: list[_Wanted] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, target: Path, partial: Path, data: bytes) -> None:
        """Write a new file, complete before it has its name.

        Args:
            target: The file's name; a file that has it is replaced.
            partial: What it is called until it is complete, in the same folder; nobody else's.
            data: What is in it.

        Raises:
            OSError: It cannot be written; nothing is left of it.
        """
        written = asyncio.get_running_loop().create_future()
        self._waiting.append(_Wanted(target, partial, data, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_batches())
        await written

    async def _write_batches(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_BATCH_FILES], self._waiting[_BATCH_FILES:]
                # What nobody waits for any more may belong into a folder that is being removed.
                await self._write_batch([wanted for wanted in batch if not wanted.written.done()])
        finally:
            self._writing = None

    async def _write_batch(self, batch: Sequence[_Wanted]) -> None:
        try:
            outcomes: Sequence[Exception | None] = await self._run(_write, batch)
        except Exception as error:  # no thread to be had: the platform ends
            outcomes = [error] * len(batch)
        for wanted, failed in zip(batch, outcomes, strict=True):
            if wanted.written.done():  # whoever wanted it has gone
                continue
            if failed is None:
                wanted.written.set_result(None)
            else:
                wanted.written.set_exception(failed)


def _write(batch: Sequence[_Wanted]) -> list[Exception | None]:
    return [_write_one(wanted) for wanted in batch]


def _write_one(wanted: _Wanted) -> Exception | None:
    try:
        with wanted.partial.open("xb", buffering=0) as file:
            left = memoryview(wanted.data)
            while left:
                left = left[file.write(left) :]
        wanted.partial.rename(wanted.target)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        with contextlib.suppress(OSError, ValueError):  # a name that is too long cannot be removed either
            wanted.partial.unlink(missing_ok=True)
        return error
    return None
