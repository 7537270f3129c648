"""Tally: what became of the requests of one stretch of time."""

from __future__ import annotations

from dataclasses import dataclass, field

from sagehen.simulation.servers.spread import Spread


@dataclass(slots=True)
class Tally:
    """Counts of requests; they are fractions where some stand for others.

    Attributes:
        arrived: All that came.
        answered: Those that got their answer.
        throttled: Refused at once: 429 of Lambda.
        overloaded: Refused at once: 503 of an endpoint whose queue is full, or that has no instance.
        timed_out: Not answered in time.
        cold: Waited for a new environment.
        spilled: Ran on demand since no provisioned environment was free.
        provisioned: Ran in a provisioned environment.
        waits, latencies: Of those that were answered, in seconds: before work began, and until it ended.
        work_s: Seconds of work, on demand; what Lambda bills.
        provisioned_work_s: Seconds of work in provisioned environments.
    """

    arrived: float = 0.0
    answered: float = 0.0
    throttled: float = 0.0
    overloaded: float = 0.0
    timed_out: float = 0.0
    cold: float = 0.0
    spilled: float = 0.0
    provisioned: float = 0.0
    waits: Spread = field(default_factory=Spread)
    latencies: Spread = field(default_factory=Spread)
    work_s: float = 0.0
    provisioned_work_s: float = 0.0

    @property
    def errors(self) -> float:
        """What callers got a 5xx for."""
        return self.overloaded + self.timed_out

    def add(self, other: Tally) -> None:
        """Count what another counted."""
        self.arrived += other.arrived
        self.answered += other.answered
        self.throttled += other.throttled
        self.overloaded += other.overloaded
        self.timed_out += other.timed_out
        self.cold += other.cold
        self.spilled += other.spilled
        self.provisioned += other.provisioned
        self.work_s += other.work_s
        self.provisioned_work_s += other.provisioned_work_s
        self.waits.merge(other.waits)
        self.latencies.merge(other.latencies)
