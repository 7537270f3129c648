"""Fetching: one folder of objects, many at once, and large ones in parts."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from pathlib import Path, PurePosixPath

from sagehen.cluster.porters.objects.new_file import NewFile
from sagehen.cluster.porters.objects.s3 import S3, S3Refused
from sagehen.cluster.trees.cache import Cache
from sagehen.cluster.trees.keys import etag_in, object_key, object_name
from sagehen.domain.ports.compute.node_data import Fetched, Wanted

# A part: large enough that a request for it is not felt, small enough that several threads share an object.
_PART_BYTES = 16 * 2**20
# Objects under way; what they wait for is threads.
_AT_ONCE = 64
# An object that is written anew while it is read is begun anew so often.
_ATTEMPTS = 5


class ObjectChanged(OSError):
    """It was written anew while it was read."""


class Fetching:
    """Makes one folder, which does not exist yet.

    Args:
        s3: Reads, with the rights of a role.
        threads: Where it waits for S3 and for the disk.
        cache: Keeps what it has got; None: nobody does.
        room: Bytes that may be written.
    """

    def __init__(self, folder: Path, s3: S3, threads: Executor, cache: Cache | None, room: int) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._s3 = s3
        self._threads = threads
        self._cache = cache
        self._room = room
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._files = self._size = 0

    async def all(self, wanted: AsyncIterator[Wanted]) -> None:
        """Get all objects.

        Raises:
            ObjectRefused, OSError: The first of them that cannot be got; or what naming them raises.
        """
        try:
            async with asyncio.TaskGroup() as group:
                async for each in wanted:
                    await self.begin(group, each)
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def begin(self, group: asyncio.TaskGroup, wanted: Wanted) -> None:
        """Begin with an object, once there is room for one.

        What it raises ends the group: ObjectRefused, OSError.
        """
        await self._slots.acquire()
        task = group.create_task(self._get(wanted))
        task.add_done_callback(lambda _: self._slots.release())

    @property
    def fetched(self) -> Fetched:
        return Fetched(self._files, self._size)

    async def _get(self, wanted: Wanted) -> None:
        try:
            for _ in range(_ATTEMPTS):
                with suppress(ObjectChanged):
                    size = await self._got(wanted)
                    self._files, self._size = self._files + 1, self._size + size
                    return
        except S3Refused as refused:
            raise ObjectRefused(wanted, refused) from refused
        raise ObjectChanged(errno.EBUSY, f"s3://{wanted.bucket}/{wanted.key} changes all the time")

    async def _got(self, wanted: Wanted) -> int:
        """Get an object; return its size."""
        place = self._place(wanted.path)
        file = NewFile(place)
        try:
            begun = await self._do(self._begin, wanted, file)
            if begun is None:
                return file.size
            parts = range(_PART_BYTES, file.size, _PART_BYTES)
            async with asyncio.TaskGroup() as group:
                for start in parts:
                    group.create_task(self._do(self._part, wanted, file, start, begun))
            await self._do(self._keep, wanted, file, begun)
        except BaseExceptionGroup as group:
            file.remove()
            raise group.exceptions[0] from None
        except BaseException:
            file.remove()
            raise
        finally:
            file.close()
        return file.size

    async def _do(self, work: Callable[..., str | None], *arguments: object) -> str | None:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _place(self, path: str) -> Path:
        """Return where an object lands; the platform has seen to it that this is in the folder."""
        steps = PurePosixPath(path)
        if steps.is_absolute() or not steps.parts or ".." in steps.parts or "\0" in path:
            raise ValueError(f"{path!r} leads out of its folder")
        return self._folder / steps

    def _begin(self, wanted: Wanted, file: NewFile) -> str | None:
        """Get the first part, or all of it out of the cache; return its ETag, or None where that was all."""
        file.check()  # a thread that is free takes what was queued, given up or not
        file.place.parent.mkdir(parents=True, exist_ok=True)
        headers = {"Range": f"bytes=0-{_PART_BYTES - 1}"}
        cache = self._cache
        there = "" if cache is None else cache.version_of(object_name(wanted.bucket, wanted.key))
        if there:
            headers["If-None-Match"], size = etag_in(there)
        try:
            with self._s3.get(wanted.bucket, wanted.key, headers) as answer:
                if answer.status == 304:
                    answer.read()
                    if cache is not None and cache.take(there, size, os.fsencode(file.place)):
                        file.size = size
                        return None
                    raise ObjectChanged(errno.EAGAIN, "the cache has let go of it")
                file.size = whole_size(answer)
                self._room -= file.size
                if self._room < 0:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                file.open(_modified_s(answer))
                file.write(answer, 0)
                return str(answer.headers["ETag"])
        except S3Refused as refused:
            if refused.code != "InvalidRange":  # an empty object has no first byte
                raise
            file.open(None)
            return None

    def _part(self, wanted: Wanted, file: NewFile, start: int, etag: str) -> None:
        end = min(start + _PART_BYTES, file.size) - 1
        headers = {"Range": f"bytes={start}-{end}", "If-Match": etag}
        try:
            with self._s3.get(wanted.bucket, wanted.key, headers) as answer:
                file.write(answer, start)
        except S3Refused as refused:
            if refused.status == 412:
                raise ObjectChanged(errno.EAGAIN, "it was written anew") from None
            raise

    def _keep(self, wanted: Wanted, file: NewFile, etag: str) -> None:
        file.finish()
        if self._cache is None:
            return
        if key := object_key(wanted.bucket, wanted.key, etag, file.size):
            self._cache.keep(key, file.size, os.fsencode(file.place))


class ObjectRefused(Exception):
    """S3 does not give an object."""

    def __init__(self, wanted: Wanted, refused: S3Refused) -> None:
        super().__init__(str(refused))
        self.wanted, self.refused = wanted, refused


def whole_size(answer: HTTPResponse) -> int:
    told = answer.headers.get("Content-Range", "").rpartition("/")[2]
    return int(told) if told.isdecimal() else int(answer.headers["Content-Length"])


def _modified_s(answer: HTTPResponse) -> float | None:
    try:
        return parsedate_to_datetime(answer.headers["Last-Modified"]).timestamp()
    except (TypeError, ValueError):
        return None
