"""Prewarming: what a request announces is made ready while the client goes on to its next request."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from sagehen.executors.base import Interpreter, SandboxUnavailable
from sagehen.services.sagemaker.images.mapping import Image

_log = logging.getLogger(__name__)


class _Warms(Protocol):
    async def prewarm(self, name: str, *, python: Interpreter | None = None) -> None: ...


class Prewarming:
    """Starts warm parents in the background; asking again while one comes up, or is up, costs nothing.

    Args:
        executor: Whose warm parents they are.
    """

    def __init__(self, executor: _Warms) -> None:
        self._executor = executor
        self._tasks: dict[tuple[str, Interpreter | None], asyncio.Task[None]] = {}

    def expect(self, image: Image) -> None:
        """A process of an image will be started soon; some need no warm parent."""
        if image.warm_parent is None:
            return
        key = (image.warm_parent, image.interpreter)
        if key not in self._tasks:
            task = asyncio.create_task(self._prewarm(*key), name=f"prewarm {image.warm_parent}")
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _prewarm(self, name: str, python: Interpreter | None) -> None:
        try:
            await self._executor.prewarm(name, python=python)
        except SandboxUnavailable as error:
            _log.warning("nothing is preloaded for %s: %s", name, error)

    async def stop(self) -> None:
        """End what comes up; parents that are up are the executor's."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
