"""Preparations: what happens between `Pending` or `InProgress` and a version that can run."""

from __future__ import annotations

import asyncio
import logging

from sagehen.api.errors import ServiceError
from sagehen.domain.ids import Ids
from sagehen.services.lambda_.code.images import FunctionImages
from sagehen.services.lambda_.code.store import CodeStore
from sagehen.services.lambda_.errors import ResourceConflictException
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.functions.rows import VersionRecord
from sagehen.services.lambda_.names import FunctionReference

_log = logging.getLogger(__name__)


class Preparations:
    """Unpacks code and layers in the background and notes the end in the version's state."""

    def __init__(self, records: FunctionRecords, store: CodeStore, images: FunctionImages, ids: Ids) -> None:
        self._records = records
        self._store = store
        self._images = images
        self._ids = ids
        self._under_way: dict[tuple[FunctionReference, str], asyncio.Task[None]] = {}

    def begin(self, record: VersionRecord) -> None:
        """Prepare a version whose row says that it is not ready."""
        name = (record.reference, record.revision)
        task = asyncio.create_task(self._prepare(record), name=f"prepare {record.reference.arn}")
        self._under_way[name] = task
        task.add_done_callback(lambda _: self._under_way.pop(name, None))

    def recover(self) -> None:
        """Take up what an earlier life left half-done."""
        for record in self._records.unfinished():
            self.begin(record)

    async def ready(self, record: VersionRecord) -> None:
        """Wait until a version can run. Its files are unpacked anew if they are gone.

        Raises:
            ResourceConflictException: It failed.
        """
        task = self._under_way.get((record.reference, record.revision))
        if task is not None:
            await asyncio.shield(task)
        elif record.state != "Failed":
            await self._unpack(record)
        current = self._records.version(record.reference, record.version)
        if current is not None and current.state == "Failed":
            raise ResourceConflictException(
                # Recorded for Pending; that Failed reads alike is from memory.
                "The operation cannot be performed at this time. The function is currently in the "
                "following state: Failed"
            )

    async def _prepare(self, record: VersionRecord) -> None:
        failure = ""
        try:
            await self._unpack(record)
        except ServiceError as error:
            failure = error.message
        except OSError as error:
            _log.error("cannot unpack %s", record.reference.arn, exc_info=error)
            failure = f"InternalError: {error.strerror}"
        await self._records.finish(record, self._ids.uuid(), failure)

    async def _unpack(self, record: VersionRecord) -> None:
        if record.is_image:
            await self._images.unpack(record.configuration["Image"]["Resolved"])
            return
        shas = [record.code_sha, *(layer["Sha"] for layer in record.configuration.get("Layers", ()))]
        await asyncio.gather(*(self._store.unpack(sha) for sha in shas))

    async def settle(self) -> None:
        """Wait for everything that is under way."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
