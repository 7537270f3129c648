"""Breaker: a concurrency limit with a bounded queue behind it. Full means: fail at once.

Worked numbers: 2 instances x 64 slots = 128 requests in flight; 256 more may wait; request 385 is
refused in microseconds instead of timing out after a minute.
"""

from __future__ import annotations

import asyncio
from collections import deque


class BreakerFull(Exception):
    """Every slot is taken and the queue is full."""


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

    async def enter(self) -> None:
        """Take a slot, waiting for one where the queue has room.

        Raises:
            BreakerFull: At once.
        """
        if self.in_flight < self._capacity and not self._waiters:
            self.in_flight += 1
            return
        if len(self._waiters) >= self._queue_limit:
            raise BreakerFull
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.leave()  # the slot was granted in the moment of giving up
            else:
                self._waiters.remove(waiter)
            raise

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
