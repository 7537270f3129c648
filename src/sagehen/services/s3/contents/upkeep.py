"""BlobUpkeep: what a crash left in the folder of blobs goes; it opens and closes with the service."""

from __future__ import annotations

import asyncio

from sagehen.services.s3.contents.segments import named_blobs
from sagehen.store.blobs import BlobFolder
from sagehen.store.database import Database


class BlobUpkeep:
    """Owns the folder of blobs from the start of the service to its end."""

    def __init__(self, blobs: BlobFolder, database: Database) -> None:
        self._blobs = blobs
        self._database = database
        self._sweeping: asyncio.Task[int] | None = None

    async def start(self) -> None:
        """Make the folder usable, and begin to sweep away blobs that no row names.

        Beside the first requests: start-up does not wait for the sweep.
        """
        await self._blobs.run(self._blobs.prepare)
        self._sweeping = asyncio.create_task(
            self._blobs.sweep(lambda blob_ids: named_blobs(self._database, blob_ids))
        )

    async def end_sweep(self) -> None:
        """Wait for the sweep, which reads the database; to be called while that is open."""
        if self._sweeping is not None:
            await asyncio.gather(self._sweeping, return_exceptions=True)
            self._sweeping = None

    async def stop(self) -> None:
        """Wait for the folder's threads; nothing may come in any more."""
        await self._blobs.close()

    async def forget(self) -> None:
        """Set all blobs aside, as a reset does; they are deleted behind it."""
        await self._blobs.discard_all()
