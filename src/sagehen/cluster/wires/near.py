"""Near: a stream within this process, for the platform's own machine, which has no link to itself."""

from __future__ import annotations

import asyncio
from collections import deque

from sagehen.cluster.streams import StreamRefused

# Batches of packets under way: as much as a link's first windows.
_MOST = 4


class Near:
    """One end. Implements `streams.Stream`."""

    def __init__(self) -> None:
        self._far: Near = self
        self._held: deque[bytes] = deque()
        self._came = asyncio.Event()
        self._taken = asyncio.Event()
        self._reason: str | None = None

    async def send(self, data: bytes) -> None:
        """See `streams.Stream`."""
        far = self._far
        while len(far._held) >= _MOST and self._reason is None:
            far._taken.clear()
            await far._taken.wait()
        if self._reason is not None:
            raise StreamRefused(self._reason)
        far._held.append(data)
        far._came.set()

    async def receive(self) -> bytes:
        """See `streams.Stream`."""
        while not self._held and self._reason is None:
            self._came.clear()
            await self._came.wait()
        if self._reason is not None:
            raise StreamRefused(self._reason)
        self._taken.set()
        return self._held.popleft()

    async def finish(self) -> None:
        """See `streams.Stream`."""
        await self.send(b"")

    def reset(self, reason: str) -> None:
        """See `streams.Stream`."""
        for end in (self, self._far):
            if end._reason is None:
                end._reason = reason
            end._came.set()
            end._taken.set()


def pair() -> tuple[Near, Near]:
    """Return both ends of one."""
    one, other = Near(), Near()
    one._far, other._far = other, one
    return one, other
