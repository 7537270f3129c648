"""Work that lives as long as its owner: begun by the owner's `start`, ended by its `stop`.

A component of a service has one of these for each loop, so that beginning, ending and failing are the same
everywhere: nothing that fails once is over for good, and nothing ends without a line in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sagehen.domain.clock import Clock, wait_for

_log = logging.getLogger(__name__)


class Background:
    """One task. Not thread-safe: start and stop it in the event loop that it runs in.

    Args:
        name: Of the task, as the log and `asyncio`'s own tools show it.
        work: What it does, until it is cancelled; it looks after its own failures. One that escapes ends it,
            and is logged.
    """

    def __init__(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._name = name
        self._work = work
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; `stop` must have ended an earlier run."""
        assert self._task is None, f"{self._name} runs already"
        self._task = asyncio.create_task(self._run(), name=self._name)

    @property
    def begun(self) -> bool:
        """Whether `start` was called, and `stop` not yet."""
        return self._task is not None

    async def stop(self) -> None:
        """Cancel the work and return when it has ended; nothing happens where it does not run."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            await self._work()
        except Exception:
            _log.exception("%s ended by a fault", self._name)


class Rounds(Background):
    """The same work again and again, with a pause after each round; a round that fails does not end them.

    Args:
        name: Of the task.
        work: One round.
        clock: Whose seconds the pause is in.
        pause_s: How long it is.
        tale: What a failure is called in the log: "<tale> failed; it is tried again".
        at_once: Whether the first round comes before the first pause.
        wake: Ends a pause when it is set. Cleared before each round: what comes meanwhile is not missed.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        clock: Clock,
        pause_s: float,
        *,
        tale: str,
        at_once: bool = True,
        wake: asyncio.Event | None = None,
    ) -> None:
        super().__init__(name, self._go_round)
        self._round = work
        self._clock = clock
        self._pause_s = pause_s
        self._tale = tale
        self._at_once = at_once
        self._wake = wake

    async def _go_round(self) -> None:
        if not self._at_once:
            await self._pause()
        while True:
            if self._wake is not None:
                self._wake.clear()
            try:
                await self._round()
            except Exception:  # a full disk today must not end it for good
                _log.exception("%s failed; it is tried again", self._tale)
            await self._pause()

    async def _pause(self) -> None:
        if self._wake is None:
            await self._clock.sleep(self._pause_s)
        else:
            await wait_for(self._wake, self._clock, self._pause_s)
