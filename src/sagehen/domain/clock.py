"""Time, passed in: the machine's clock (possibly scaled) and one that tests move by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol


class Clock(Protocol):
    """Time as everything in the platform takes it: passed in, in UTC and seconds."""

    def now(self) -> datetime:
        """Return the present, timezone-aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go backwards, on this clock's scale."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock's time."""
        ...


def epoch_ms(moment: datetime) -> int:
    """Return a moment in whole milliseconds since the epoch, those begun left out: as log events have it."""
    return int(moment.timestamp() * 1000)


async def wait_for(event: asyncio.Event, clock: Clock, seconds: float | None) -> None:
    """Return when `event` is set or, unless that is None, after `seconds` of the clock's time."""
    if seconds is not None and seconds <= 0:
        await asyncio.sleep(0)
        return
    waiting: list[asyncio.Future[Any]] = [asyncio.ensure_future(event.wait())]
    if seconds is not None:
        waiting.append(asyncio.ensure_future(clock.sleep(seconds)))
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


class SystemClock:
    """The machine's clock; `scale` 60 makes its seconds pass sixty times as fast from its making on.

    Args:
        scale: Seconds of this clock in one of the machine's.
        not_before: It begins no earlier, and stays ahead of the machine's by as much: what an earlier life
        has
            written down is never in the future.
    """

    def __init__(self, scale: float = 1.0, not_before: datetime | None = None) -> None:
        now = datetime.now(UTC)
        self.scale = scale
        self._ahead = max(timedelta(), (not_before or now) - now)
        self._epoch = now + self._ahead
        self._start = time.monotonic()

    @property
    def is_the_machines(self) -> bool:
        """Tell whether it shows the machine's own time."""
        return self.scale == 1.0 and not self._ahead

    def now(self) -> datetime:
        """Return the present in UTC: the machine's own, with its corrections, unless it is scaled."""
        if self.scale == 1.0:
            return datetime.now(UTC) + self._ahead
        return self._epoch + timedelta(seconds=(time.monotonic() - self._start) * self.scale)

    def monotonic(self) -> float:
        """Return seconds of this clock, for differences only."""
        return time.monotonic() * self.scale

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock: fewer of the machine's where it is scaled."""
        await asyncio.sleep(seconds / self.scale)


class ManualClock:
    """A clock that stands still until `advance`; sleepers wake in order of their deadlines."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        """Return the start and what `advance` has added."""
        return self._start + timedelta(seconds=self._elapsed_s)

    def monotonic(self) -> float:
        """Return the seconds that `advance` has added so far."""
        return self._elapsed_s

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Wait until `advance` has passed the deadline; for ever where nobody advances.

        The deadline counts from the call, not from when the waiting begins: a task made of it may begin after
        an `advance` that came between.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed_s + seconds, next(self._order), future))
        return _result_of(future)

    async def advance(self, seconds: float) -> None:
        """Move time forward and let everything that became due run."""
        deadline = self._elapsed_s + seconds
        while self._sleepers and self._sleepers[0][0] <= deadline:
            due, _, future = heapq.heappop(self._sleepers)
            self._elapsed_s = max(self._elapsed_s, due)
            if not future.done():
                future.set_result(None)
            for _ in range(5):  # let the woken task run up to its next sleep
                await asyncio.sleep(0)
        self._elapsed_s = deadline
        await asyncio.sleep(0)


async def _result_of(future: asyncio.Future[None]) -> None:
    await future
