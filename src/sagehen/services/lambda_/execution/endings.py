"""Endings: environments that are on their way out. Nobody waits for them but who stops the service."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from sagehen.services.lambda_.execution.contract import Environment

_log = logging.getLogger(__name__)


class Endings:
    """Ends environments in the background. Each takes 2 s at most where it has extensions, else no time."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def end(self, environment: Environment) -> None:
        """Begin an environment's SHUTDOWN; returns at once."""
        task = asyncio.create_task(environment.shutdown())
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def end_all(self, environments: Iterable[Environment]) -> None:
        """As `end`, for each."""
        for environment in environments:
            self.end(environment)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("an environment did not end in order: %s", error)

    async def settle(self) -> None:
        """Wait until all that were begun are over."""
        await asyncio.gather(*self._under_way, return_exceptions=True)
