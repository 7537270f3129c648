"""Turns: who works on disks, one after the other for each of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable


class Turns:
    """Locks by name, each there only while somebody has it or waits for it."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}

    @contextlib.asynccontextmanager
    async def of(self, names: Iterable[str]) -> AsyncIterator[None]:
        """Have all of them, once nobody else has any. Not to be asked for by who has a turn."""
        async with contextlib.AsyncExitStack() as stack:
            for name in sorted(set(names)):  # in one order, so that two never wait for each other
                await stack.enter_async_context(self._one(name))
            yield

    @contextlib.asynccontextmanager
    async def _one(self, name: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(name, asyncio.Lock())
        self._users[name] = self._users.get(name, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._users[name] -= 1
            if not self._users[name]:
                del self._users[name], self._locks[name]
