"""One run of a query over what is stored, in a thread that lets others have their turn."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from sagehen.services.logs.insights.commands.pipeline import Pipeline, ResultRow
from sagehen.services.logs.insights.commands.stage import Enough, TooMuchHeld
from sagehen.services.logs.insights.evaluation.row import Row
from sagehen.services.logs.insights.queries.query import Outcome, Statistics, Status

# Threads share the interpreter's lock, and one that wants it waits 5 ms for one that keeps it: this one
# lets go after each ms, for as long as another needs to wake up.
_SLICE_S = 0.001
_PAUSE_S = 0.0001
# The clock is looked at after so many events, or so much text.
_STEP_EVENTS = 32
_STEP_BYTES = 65_536
# Documented (API_StartQuery): queries time out after 60 minutes.
LONGEST_S = 3600.0


class Run:
    """A query that runs, or has run.

    Args:
        pipeline: The query; its own.
        groups: How many groups it looks at.
        longest_s: After so many seconds it ends as `Timeout`.
    """

    def __init__(self, pipeline: Pipeline, groups: int, longest_s: float = LONGEST_S) -> None:
        self._pipeline = pipeline
        self._groups = groups
        self._longest_s = longest_s
        self._cancelled = False
        self._scanned = self._scanned_bytes = 0
        self._began = time.monotonic()

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
        """Run to the end, or until it is cancelled. Blocking.

        Args:
            rows: The events.
        """
        self._began = time.monotonic()
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
        slice_began = self._began
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
                    now = time.monotonic()
                    if now - slice_began >= _SLICE_S:
                        if self._cancelled:
                            return Status.CANCELLED
                        if now - self._began > self._longest_s:
                            return Status.TIMEOUT
                        time.sleep(_PAUSE_S)
                        slice_began = time.monotonic()
        except Enough:
            pass
        self._scanned += events
        self._scanned_bytes += size
        return Status.COMPLETE
