"""Stopwatch: how long a worker's calls take, without the time that other processes had its processor."""

from __future__ import annotations

import os
import time

from sagehen.modelserver.lanes.page import Page

# Reading the scheduler's figures twice costs 3 us, a tenth of the shortest call.
_EVERY = 4
# A call that took longer makes those wait whose connections the same worker has.
_SLOW_NS = 100_000_000


class Stopwatch:
    """Times one call in four, and notices each that is slow. Made after the fork."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._calls = 0
        try:
            # Of the main thread, which is the one that calls handlers.
            self._schedule: int | None = os.open("/proc/self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._schedule = None
        self._delayed_ns = self._read_ns()
        self.began_ns = 0

    def start(self) -> None:
        """A call begins."""
        self._calls += 1
        if self._calls % _EVERY == 0:
            self._delayed_ns = self._read_ns()
        self.began_ns = time.monotonic_ns()

    def stop(self) -> None:
        """It has ended."""
        took_ns = time.monotonic_ns() - self.began_ns
        if self._calls % _EVERY and took_ns <= _SLOW_NS:
            return
        before_ns, self._delayed_ns = self._delayed_ns, self._read_ns()
        took_ns = max(0, took_ns - (self._delayed_ns - before_ns))
        self._page.count(took_ns, is_slow=took_ns > _SLOW_NS)

    def _read_ns(self) -> int:
        """Return how long the thread has waited for a processor so far (the second figure of schedstat)."""
        if self._schedule is None:
            return 0
        return int(os.pread(self._schedule, 64, 0).split()[1])
