"""Prewarming: what a request announces is made ready while the client goes on to its next request."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from sagehen.executors.base import SandboxUnavailable

_log = logging.getLogger(__name__)


class _Warms(Protocol):
    async def prewarm(self, name: str) -> None: ...


class Prewarming:
    """Starts warm parents in the background; asking again while one comes up, or is up, costs nothing.

    Args:
        executor: Whose warm parents they are.
    """

    def __init__(self, executor: _Warms) -> None:
        self._executor = executor
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def expect(self, name: str | None) -> None:
        """A process of the preload set `name` will be started soon; None needs no warm parent."""
        if name is not None and name not in self._tasks:
            task = asyncio.create_task(self._prewarm(name), name=f"prewarm {name}")
            self._tasks[name] = task
            task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def _prewarm(self, name: str) -> None:
        try:
            await self._executor.prewarm(name)
        except SandboxUnavailable as error:
            _log.warning("nothing is preloaded for %s: %s", name, error)

    async def stop(self) -> None:
        """End what comes up; parents that are up are the executor's."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
