"""Names: the objects that a node is told to get; told again from the first where its link was lost."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator

from sagehen.cluster.streams import line
from sagehen.domain.ports.compute.node_data import Wanted

# Objects that one line names: some 60 KiB of usual keys, 1 MiB of the longest.
_BATCH = 500
# Kept in memory; a listing may be of millions.
_MOST_BYTES = 4 * 2**20


class Names:
    """What has been listed so far, kept until the node has it all.

    Args:
        wanted: The objects, as they are listed.
    """

    def __init__(self, wanted: AsyncIterator[Wanted]) -> None:
        self._kept = tempfile.SpooledTemporaryFile(_MOST_BYTES)  # noqa: SIM115 - closed by `close`
        self._size = 0
        self._more = asyncio.Event()
        # Apart from who tells them: a listing that is cancelled cannot go on.
        self._listing = asyncio.create_task(self._list(wanted), name="listing objects for a node")

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield all of them, from the first on; what listing them raises is raised at its place."""
        at = 0
        while True:
            self._more.clear()
            if at < self._size:
                self._kept.seek(at)
                data = self._kept.read(min(_MOST_BYTES, self._size - at))
                at += len(data)
                yield data
            elif self._listing.done():
                self._listing.result()
                return
            else:
                await self._more.wait()

    async def close(self) -> None:
        """Forget them."""
        self._listing.cancel()
        await asyncio.gather(self._listing, return_exceptions=True)
        self._kept.close()

    async def _list(self, wanted: AsyncIterator[Wanted]) -> None:
        try:
            batch: list[tuple[str, str, str]] = []
            async for each in wanted:
                batch.append((each.bucket, each.key, each.path))
                if len(batch) >= _BATCH:
                    self._keep(line(batch))
                    batch = []
            if batch:
                self._keep(line(batch))
        finally:
            asyncio.get_running_loop().call_soon(self._more.set)

    def _keep(self, text: bytes) -> None:
        self._kept.seek(self._size)
        self._kept.write(text)
        self._size += len(text)
        self._more.set()
