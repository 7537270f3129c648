"""Outcome: what one candidate's run came to."""

from __future__ import annotations

from dataclasses import dataclass, field

from sagehen.simulation.runs.sites import Candidate
from sagehen.simulation.scaling.scaler import Activity
from sagehen.simulation.servers.tally import Tally


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of the run, for the drawing.

    Args:
        at_s: Its beginning.
        rate: Requests that came a second.
        desired, serving: Instances, or environments, at its end: told to be there, and taking requests.
        busy: Requests that were there at its end.
        p50_s, p99_s: Latency of what was answered in it; 0 where nothing was.
        throttled, errors: Requests a second.
    """

    at_s: float
    rate: float
    desired: int
    serving: int
    busy: int
    p50_s: float
    p99_s: float
    throttled: float
    errors: float


@dataclass(slots=True)
class Outcome:
    """What a run came to.

    Args:
        candidate: Whose.
        duration_s: Of the traffic.
        tally: All requests.
        points: The run over time, a point for each minute at most.
        activities: What was scaled, and why not; the newest five thousand.
        capacity_s: Instance-seconds, or seconds of provisioned environments; what starts and leaves is paid.
        simulated: Requests that were served one by one; the rest is what they stand for.
        cost: US dollars by item, put in by whoever knows prices.
        behind: Of the endpoint that a function asked: its errors are the function's, too.
    """

    candidate: Candidate
    duration_s: float
    tally: Tally
    points: list[Point]
    activities: list[Activity]
    capacity_s: float
    simulated: int
    cost: dict[str, float] = field(default_factory=dict)
    behind: Outcome | None = None

    @property
    def dollars(self) -> float:
        """The bill of the run."""
        return sum(self.cost.values())

    @property
    def throttle_share(self) -> float:
        """Which share of the requests was throttled."""
        return self.tally.throttled / self.tally.arrived if self.tally.arrived else 0.0

    @property
    def error_share(self) -> float:
        """Which share of the requests got another error."""
        errors = self.tally.errors + (self.behind.tally.errors if self.behind else 0.0)
        return errors / self.tally.arrived if self.tally.arrived else 0.0
