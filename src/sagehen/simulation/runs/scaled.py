"""Scaled: what both sides of a run share: a capacity that alarms change, what will happen, what is paid."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from sagehen.simulation.runs.sites import Candidate
from sagehen.simulation.scaling.scaler import Activity, Scaler, Target

# A minute is looked at so long after its end: `services/cloudwatch/alarms/loop.py`.
SETTLING_S = 1.0
_MINUTE_S = 60.0


class Scaled(Target):
    """A target of scaling in a run; times are seconds of the run.

    Args:
        candidate: Its bounds and policies.
        metric_delay_s: How long after its end a minute's metrics are known.
    """

    def __init__(self, candidate: Candidate, metric_delay_s: float) -> None:
        self._desired = candidate.initial
        self._scaler = Scaler(candidate.policies, candidate.minimum, candidate.maximum, metric_delay_s)
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = 0
        self._paid_until = 0.0
        self.paid = 0.0
        """Instance-seconds, or seconds of provisioned environments."""
        self._at(_MINUTE_S + SETTLING_S + metric_delay_s, self._tick)

    @property
    def desired(self) -> int:
        """What it was last told to have."""
        return self._desired

    @property
    def activities(self) -> list[Activity]:
        """What was scaled, and why not."""
        return list(self._scaler.activities)

    @property
    def next_event(self) -> float:
        """When something happens."""
        return self._events[0][0]

    def happen(self, now: float) -> None:
        """Let all events happen that are due."""
        while self._events[0][0] <= now:
            at, _, event = heappop(self._events)
            event(at)

    def _at(self, at: float, event: Callable[[float], None]) -> None:
        """Let something happen at a moment, which it is told; after what was put there for it before."""
        self._order += 1
        heappush(self._events, (at, self._order, event))

    def _tick(self, at: float) -> None:
        self._scaler.tick(self, at)
        self._at(at + _MINUTE_S, self._tick)

    def _pay(self, now: float, capacity: int) -> None:
        """Count what was there since the last time."""
        self.paid += (now - self._paid_until) * capacity
        self._paid_until = now
