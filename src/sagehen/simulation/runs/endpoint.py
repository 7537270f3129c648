"""An endpoint's variant in a run: instances that start and leave, alarms each minute."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from random import Random

from sagehen.simulation.runs.scaled import Scaled
from sagehen.simulation.runs.side import Served
from sagehen.simulation.runs.sites import Candidate, EndpointSite
from sagehen.simulation.runs.slices import Slice
from sagehen.simulation.servers.fleet import Fleet
from sagehen.simulation.servers.tally import Tally

# Above this share of capacity lines grow and shrink slowly: each request is served, unless rate (to so much,
# from one slice to the next) and capacity have been the same for long. Above the second no line is steady.
_CALM, _STEADY = 0.8, 0.95
_SAME_RATE, _SAME_FOR_S = 0.005, 300.0


class EndpointSide(Scaled):
    """An endpoint's variant in a run.

    Args:
        site, candidate: What is rehearsed.
        services: Seconds of work, in an order to draw from.
        random: Of the router.
        is_behind: A function asks it.
    """

    def __init__(
        self,
        site: EndpointSite,
        candidate: Candidate,
        services: Sequence[float],
        random: Random,
        *,
        is_behind: bool = False,
    ) -> None:
        super().__init__(candidate, site.metric_delay_s)
        self._site, self._is_behind = site, is_behind
        self._mean = sum(services) / len(services)
        self.servers = Fleet(site.limits, services, random)
        self._changing = 0  # instances that start or leave
        self._rate = self._same_since = 0.0

    @property
    def serving(self) -> int:
        """Instances that take requests."""
        return self.servers.size

    @property
    def busy(self) -> int:
        """Requests that are there."""
        return self.servers.outstanding

    def begin(self) -> None:
        """Start what the candidate begins with."""
        for _ in range(self.desired):
            self.servers.add(0.0)

    @property
    def scalable(self) -> bool:
        """Tell whether it is InService: while it changes it is not scaled."""
        return self._changing == 0

    def set_desired(self, capacity: int, now: float) -> str | None:
        """Start instances, or let the newest leave."""
        self._pay_instances(now)
        self._same_since = now
        if capacity > self.desired:
            for _ in range(capacity - self.desired):
                self._changing += 1
                self._at(now + self._site.startup_s, self._ready)
        else:
            for _ in range(self.desired - capacity):
                self._changing += 1
                done = self.servers.remove(now)
                self._at(max(done, now + self._site.shutdown_s), self._settled)
        self._desired = capacity
        return None

    def served(self, one: Slice, what: Served) -> None:
        """Count for the metric what a sample stood for."""
        asked, self.servers.asked = self.servers.asked, 0
        if what.came:
            # Of what came to a function before it, a part was throttled.
            share = asked / max(what.simulated, 1) if self._is_behind else 1.0
            self.servers.count_invocations(what.came * share)

    def end(self, now: float) -> None:
        """See Side."""
        self._pay_instances(now)
        self.servers.pass_to(now + self._site.limits.timeout_s)

    def is_calm(self, one: Slice) -> bool:
        """Tell whether lines are neither growing nor shrinking."""
        fleet, workers = self.servers, self.servers.size * self._site.limits.concurrency
        if abs(one.rate - self._rate) > _SAME_RATE * self._rate:
            self._same_since = one.begin
        self._rate = one.rate
        if not workers:
            return True
        load = one.rate * self._mean / workers
        if load > 1.1 and fleet.is_full:
            return True
        if load >= (_STEADY if one.begin - self._same_since > _SAME_FOR_S else _CALM):
            return False
        usual = workers * load + fleet.size * load / (1 - load)
        return fleet.outstanding <= 2 * usual + 4 * sqrt(fleet.size)

    def observe(self, minute_s: int, tally: Tally) -> None:
        """Take over the metrics of a minute; an idle endpoint emits zeros."""
        per_instance = self.servers.per_instance
        self._scaler.observe(
            minute_s,
            {
                "InvocationsPerInstance": per_instance,
                "Invocations": per_instance * self.servers.size,
                "ModelLatency": tally.latencies.mean * 1e6 if tally.answered else None,
            },
        )
        self.servers.per_instance = 0.0

    def _ready(self, at: float) -> None:
        self._pay_instances(at)
        self.servers.add(at)
        self._settled(at)

    def _settled(self, at: float) -> None:
        self._pay_instances(at)
        self._changing -= 1
        self._same_since = at
        if not self._changing:
            self._scaler.fulfilled(at)

    def _pay_instances(self, now: float) -> None:
        """Those that serve, start and leave are paid."""
        self._pay(now, max(self.desired, self.servers.size))
