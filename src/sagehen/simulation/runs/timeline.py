"""Timeline: the tallies of minutes become points of a drawing and one total."""

from __future__ import annotations

from sagehen.simulation.runs.outcome import Point
from sagehen.simulation.servers.tally import Tally

_MOST_POINTS = 720


class Timeline:
    """Collects minutes; longer stretches where there would be more points than anybody can see.

    Args:
        duration: Seconds of the whole.
    """

    def __init__(self, duration: float) -> None:
        self._step = 60.0 * max(1, round(duration / 60 / _MOST_POINTS))
        self._begin = 0.0
        self._now = Tally()
        self.total = Tally()
        self.points: list[Point] = []

    def add(self, end: float, tally: Tally, desired: int, serving: int, busy: int) -> None:
        """Take in what was counted up to `end`."""
        self._now.add(tally)
        if end - self._begin >= self._step - 1e-6:
            self._close(end, desired, serving, busy)

    def finish(self, end: float, tally: Tally, desired: int, serving: int) -> None:
        """Take in the rest."""
        self._now.add(tally)
        if end > self._begin:
            self._close(end, desired, serving, 0)
        else:
            self.total.add(self._now)

    def _close(self, end: float, desired: int, serving: int, busy: int) -> None:
        tally, length = self._now, end - self._begin
        self.points.append(
            Point(
                self._begin,
                tally.arrived / length,
                desired,
                serving,
                busy,
                tally.latencies.percentile(50),
                tally.latencies.percentile(99),
                tally.throttled / length,
                tally.errors / length,
            )
        )
        self.total.add(tally)
        self._begin, self._now = end, Tally()
