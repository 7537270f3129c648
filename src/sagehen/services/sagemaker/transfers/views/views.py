"""Views: what FastFile channels show of objects that cannot be shown as they lie in the store.

A file of the object's size is made, and a job that opens it waits until its content is there; meanwhile
files are filled in the order of their keys. So a job begins without waiting for its data, and reads them at
the disk's pace from then on. AWS streams: there a part of an object can be read before the rest is there.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects, ObjectSummary
from sagehen.executors.folders.openings import FileId, Openings
from sagehen.services.sagemaker.instances.capacity import is_disk_full
from sagehen.services.sagemaker.transfers.failures import as_failure
from sagehen.services.sagemaker.transfers.views.awaited import Awaited, AwaitedFile

_log = logging.getLogger(__name__)
# A smaller one is written in the time that asking for it takes.
_WORTH_BYTES = 1024 * 1024
# 400 bytes of memory each; what is more is written out before the start.
_MOST_FILES = 50_000
# So many at once: in the order of keys, and because somebody waits. S3 copies four large objects at a time,
# whoever wants them.
_AHEAD, _ASKED = 1, 2


class ObjectChanged(Exception):
    """The object is another one than was listed."""


class Views:
    """The files of one attempt at a job that are filled while it runs.

    Args:
        principal: The session of the job's role.
        note: Takes a line for the job's log.
    """

    def __init__(self, objects: Objects, principal: Principal, note: Callable[[str], None]) -> None:
        self._objects = objects
        self._principal = principal
        self._note = note
        self._awaited = Awaited()
        self._asked: asyncio.Queue[AwaitedFile] = asyncio.Queue()
        self._openings: Openings | None = None
        self._refused = False
        self._loop = asyncio.get_running_loop()

    async def put_off(self, bucket: str, summary: ObjectSummary, target: Path) -> bool:
        """Make an object's file, to be filled later; return False where that is not worth it, or cannot be.

        Raises:
            OSError: The file cannot be made.
        """
        if summary.size < _WORTH_BYTES or len(self._awaited) >= _MOST_FILES or not self._can_wait():
            return False
        file_id = await asyncio.to_thread(_make, target, summary.size)
        if self._awaited.add(AwaitedFile(file_id, target, bucket, summary)):
            assert self._openings is not None
            self._openings.watch(target.parent)
        return True

    def works(self) -> list[Coroutine[Any, Any, None]]:
        """Return what fills the files; each runs until it is cancelled, fails, or has nothing left to do."""
        if not len(self._awaited):
            return []
        return [self._fill_ahead() for _ in range(_AHEAD)] + [self._fill_asked() for _ in range(_ASKED)]

    def close(self) -> None:
        """Let go of all files; who still waits for one is refused."""
        if self._openings is not None:
            self._openings.close()
            self._openings = None

    def _can_wait(self) -> bool:
        if self._openings is None and not self._refused:
            try:
                self._openings = Openings(self._content_of)
            except OSError as error:
                self._refused = True
                _log.info("FastFile channels are written out before the start: %s", error)
        return self._openings is not None

    def _content_of(self, file_id: FileId) -> Future[bool] | None:
        """See `Openings`; in its thread."""
        found = self._awaited.content_of(file_id)
        if found is None:
            return None
        file, content = found
        if not file.begun:
            self._loop.call_soon_threadsafe(self._asked.put_nowait, file)
        return content

    async def _fill_ahead(self) -> None:
        while (file := self._awaited.begin_next()) is not None:
            await self._fill(file)

    async def _fill_asked(self) -> None:
        while True:
            file = await self._asked.get()
            if self._awaited.begin(file):
                await self._fill(file)

    async def _fill(self, file: AwaitedFile) -> None:
        """Fill one; whoever opens it where that failed is refused.

        Raises:
            DownloadFailed: The disk is full.
        """
        try:
            await self._write(file)
        except Exception as error:
            self._awaited.failed(file)
            if is_disk_full(error):
                raise as_failure(error) from None
            self._note(f"sagehen: s3://{file.bucket}/{file.summary.key} cannot be read: {_why(error)}")
        else:
            if self._awaited.filled(file) and self._openings is not None:
                self._openings.unwatch(file.path.parent)

    async def _write(self, file: AwaitedFile) -> None:
        if not await self._objects.fill(self._principal, file.bucket, file.summary, file.path):
            raise ObjectChanged("it has changed since the job began")


def _make(target: Path, size: int) -> FileId:
    """Make a file without content; blocking."""
    with target.open("xb") as file:
        file.truncate(size)
        target.chmod(0o644)
        found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino


def _why(error: Exception) -> str:
    if isinstance(error, AccessDenied):
        return error.message
    if isinstance(error, NoSuchObject | ObjectChanged):
        return str(error)
    _log.error("a file of a FastFile channel could not be filled", exc_info=error)
    return "an internal error"
