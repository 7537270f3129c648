"""One run of a query over rows, with its deadline, and its count of what it has looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from sagehen.services.logs.insights.commands.pipeline import Pipeline, ResultRow
from sagehen.services.logs.insights.commands.stage import Enough, TooMuchHeld
from sagehen.services.logs.insights.evaluation.row import Row
from sagehen.services.logs.insights.queries.query import Outcome, Statistics, Status

# The clock is looked at after so many events, or so much text.
_STEP_EVENTS = 32
_STEP_BYTES = 65_536
_TELL_EVERY_S = 0.1
# In a thread of the platform: threads share the interpreter's lock, and one that wants it waits 5 ms for one
# that keeps it. This one lets go after each ms, for as long as another needs to wake up.
_SLICE_S = 0.001
_PAUSE_S = 0.0001
# Documented (API_StartQuery): queries time out after 60 minutes.
LONGEST_S = 3600.0


class Run:
    """A query that runs, or has run.

    Args:
        pipeline: The query; its own.
        groups: How many groups it looks at.
        longest_s: After so many seconds it ends as `Timeout`.
        most_cpu_s: After so much processor time of its thread it gives up, and is still `Running`; it lets
            other threads have their turn. None: as much as it takes, and in a process of its own.
        tell: Called ten times a second.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        groups: int,
        longest_s: float = LONGEST_S,
        *,
        most_cpu_s: float | None = None,
        tell: Callable[[Run], None] = lambda run: None,
    ) -> None:
        self._pipeline = pipeline
        self._groups = groups
        self._longest_s = longest_s
        self._most_cpu_s = most_cpu_s
        self._tell = tell
        self._cancelled = False
        self._scanned = self._scanned_bytes = 0
        self._began = self._told = self._slice_began = time.monotonic()
        self._began_cpu = 0.0

    def cancel(self) -> None:
        """Have it end soon. From any thread."""
        self._cancelled = True

    @property
    def rows(self) -> Sequence[ResultRow]:
        """What has come out so far."""
        return self._pipeline.results.rows

    @property
    def statistics(self) -> Statistics:
        """What it has looked at so far."""
        return Statistics(
            self._pipeline.matched, self._scanned, self._scanned_bytes, self._groups, len(self.rows)
        )

    def finish(self, rows: Iterable[Row]) -> Outcome:
        """Run to the end, or until something ends it. Blocking.

        Args:
            rows: The events.
        """
        self._began = self._told = self._slice_began = time.monotonic()
        self._began_cpu = time.thread_time()
        try:
            status = self._go_through(rows)
            if status is Status.COMPLETE:
                self._pipeline.end()
                status = Status.CANCELLED if self._cancelled else status
        except TooMuchHeld:
            status = Status.FAILED
        duration_ms = int((time.monotonic() - self._began) * 1000)
        return Outcome(status, self.statistics, duration_ms)

    def _go_through(self, rows: Iterable[Row]) -> Status:
        push = self._pipeline.push
        events = size = 0
        try:
            for row in rows:
                events += 1
                size += len(row.message) if row.message.isascii() else len(row.message.encode())
                push(row)
                if events >= _STEP_EVENTS or size >= _STEP_BYTES:
                    self._scanned += events
                    self._scanned_bytes += size
                    events = size = 0
                    if (status := self._look_up()) is not None:
                        return status
        except Enough:
            pass
        self._scanned += events
        self._scanned_bytes += size
        return Status.COMPLETE

    def _look_up(self) -> Status | None:
        """Return what ends the run now."""
        now = time.monotonic()
        if now - self._slice_began < _SLICE_S:
            return None
        self._slice_began = now
        if self._cancelled:
            return Status.CANCELLED
        if now - self._began > self._longest_s:
            return Status.TIMEOUT
        if now - self._told >= _TELL_EVERY_S:
            self._told = now
            self._tell(self)
        if self._most_cpu_s is not None:
            if time.thread_time() - self._began_cpu > self._most_cpu_s:
                return Status.RUNNING
            time.sleep(_PAUSE_S)
            self._slice_began = time.monotonic()
        return None
