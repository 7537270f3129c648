"""Breaker: a concurrency limit with a bounded queue behind it. Full means: fail at once.

Worked numbers: 2 instances x 64 slots = 128 requests in flight; 256 more may wait; request 385 is
refused in microseconds instead of timing out after a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from sagehen.domain.timeouts import timeout


class BreakerFull(Exception):
    """Every slot is taken and the queue is full."""


class Dismissed(Exception):
    """The queue was given up while this one waited in it; it may stand in line somewhere else."""


class Breaker:
    """Hands out slots in order of arrival.

    Args:
        capacity: Slots; may change while in use (instances come and go).
        queue_limit: How many may wait for one.
    """

    def __init__(self, capacity: int, queue_limit: int) -> None:
        self.in_flight = 0
        self._capacity = capacity
        self._queue_limit = queue_limit
        self._waiters: deque[asyncio.Future[None]] = deque()

    @property
    def capacity(self) -> int:
        return self._capacity

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    def resize(self, capacity: int) -> None:
        """Change the limit. What is in flight stays; waiters enter as far as the new limit allows."""
        self._capacity = capacity
        self._admit()

    async def enter(self, timeout_s: float, *, moved: bool = False) -> None:
        """Take a slot, waiting for one where the queue has room.

        Args:
            timeout_s: The longest wait.
            moved: It has stood in another queue, which was given up: it was taken on once and is not
                refused now. So a queue may be over its limit by as many as one that ended before it had.

        Raises:
            BreakerFull: At once.
            Dismissed: While it waited.
            TimeoutError: No slot came free in time.
        """
        if self.in_flight < self._capacity and not self._waiters:
            self.in_flight += 1
            return
        if len(self._waiters) >= self._queue_limit and not moved:
            raise BreakerFull
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with timeout(timeout_s):
                await waiter
        except (asyncio.CancelledError, TimeoutError):
            if not waiter.done() or waiter.cancelled():
                with contextlib.suppress(ValueError):  # passed over, or dismissed, in the same moment
                    self._waiters.remove(waiter)
            elif waiter.exception() is None:
                self.leave()  # the slot was granted in the moment of giving up
            raise

    def dismiss(self) -> None:
        """End every wait with Dismissed. Who holds a slot keeps it."""
        waiters, self._waiters = self._waiters, deque()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(Dismissed())

    def leave(self) -> None:
        """Give the slot back; the longest waiter gets it."""
        self.in_flight -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiters and self.in_flight < self._capacity:
            waiter = self._waiters.popleft()
            if not waiter.done():
                self.in_flight += 1
                waiter.set_result(None)
