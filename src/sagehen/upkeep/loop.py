"""Loop: keeps one thing as its record says, for as long as there is something to do."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable

from sagehen.domain.background import Background
from sagehen.domain.clock import Clock, wait_for
from sagehen.upkeep.pauses import Rest, Wait

_log = logging.getLogger(__name__)
# A pass that fails is tried again after one second, two, four …, at most this.
_LONGEST_PAUSE_S = 60.0
# A plan that finds something to do so often in a row does not come to rest by doing it.
_MOST_ACTS = 100


class Loop(Background, ABC):
    """One thing's task: looks, acts and looks again; waits where a pass says so.

    Args:
        name: Of the task, and of the thing in the log.
        clock: Which pauses are of.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__(name, self._passes)
        self._clock = clock
        self._closing = False
        self._poked = asyncio.Event()
        self._on_rest: Callable[[], None] = lambda: None

    def begin(self, on_rest: Callable[[], None]) -> None:
        """Start it.

        Args:
            on_rest: Called when there is nothing left to do, or the thing is gone; the loop ends with it.
        """
        self._on_rest = on_rest
        self.start()

    def poke(self) -> None:
        """Something changed: look again now."""
        self._poked.set()

    async def close(self) -> None:
        """The platform is leaving: end what runs; the record stays, so that the next start brings it back."""
        self._closing = True
        await self.stop()
        await self._leave()

    # --- what a kind of thing says -----------------------------------------------------------

    @abstractmethod
    async def _pass(self) -> object:
        """Observe, plan, act; return what was done.

        A `Rest` must follow from a record that was read without waiting for anything since: who changes it
        afterwards finds no loop, and begins another.
        """

    @abstractmethod
    async def _leave(self) -> None:
        """End what runs."""

    async def _survive(self) -> None:
        """A pass failed as nobody foresaw: do what the next one cannot be left with."""

    # --- its life ----------------------------------------------------------------------------

    async def _passes(self) -> None:
        troubles = acts = 0
        while True:
            self._poked.clear()
            done: object
            try:
                done = await self._pass()
                troubles = 0
            except Exception:
                _log.exception("a pass over %s failed", self._name)
                troubles += 1
                await self._survived()
                pause_s = min(_LONGEST_PAUSE_S, 2.0 ** (min(troubles, 7) - 1))
                done = Wait(self._clock.monotonic() + pause_s)
            acts = 0 if isinstance(done, Wait | Rest) else acts + 1
            if acts > _MOST_ACTS:
                _log.error("%s does not come to rest: %r again and again", self._name, done)
                done = Wait(self._clock.monotonic() + _LONGEST_PAUSE_S)
            match done:
                case Rest():
                    self._on_rest()
                    return
                case Wait(until):
                    left_s = None if until is None else until - self._clock.monotonic()
                    await wait_for(self._poked, self._clock, left_s)

    async def _survived(self) -> None:
        try:
            await self._survive()
        except Exception:
            _log.exception("the record of %s cannot be written", self._name)
        self._poked.clear()  # by ourselves
