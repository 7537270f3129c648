"""An endpoint's run."""

from __future__ import annotations

from heapq import heappop, heappush
from math import sqrt
from random import Random

from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.pace import Pace
from sagehen.simulation.runs.sites import Candidate, EndpointSite
from sagehen.simulation.runs.slices import Slice, batch, next_slice, parts
from sagehen.simulation.runs.timeline import Timeline
from sagehen.simulation.scaling.scaler import Scaler
from sagehen.simulation.servers.fleet import Fleet
from sagehen.simulation.servers.tally import Tally
from sagehen.traffic.traffic import Traffic

# A minute is looked at so long after its end: `services/cloudwatch/alarms/loop.py`.
SETTLING_S = 1.0
_TICK, _READY, _SETTLED = 0, 1, 2
# Above this share of capacity lines grow and shrink slowly: each request is served, unless rate (to so much,
# from one slice to the next) and capacity have been the same for long. Above the second no line is steady.
_CALM, _STEADY = 0.8, 0.95
_SAME_RATE, _SAME_FOR_S = 0.005, 300.0


class EndpointRun:
    """One candidate's run.

    Args:
        site, candidate: What is rehearsed.
        traffic: What comes.
        services: Seconds of work, in an order to draw from.
        random: Of arrivals and the router.
        pace: How many requests are served one by one.
    """

    def __init__(
        self,
        site: EndpointSite,
        candidate: Candidate,
        traffic: Traffic,
        services: list[float],
        random: Random,
        pace: Pace,
    ) -> None:
        self._site, self._candidate, self._traffic = site, candidate, traffic
        self._random, self._pace = random, pace
        self._mean = sum(services) / len(services)
        self._fleet = Fleet(site.limits, services, random)
        self._scaler = Scaler(candidate.policies, candidate.minimum, candidate.maximum)
        self._events: list[tuple[float, int, int]] = []
        self._order = 0
        self.desired = candidate.initial
        self._changing = 0  # instances that start or leave
        self._paid = self._paid_until = 0.0
        self._rate = self._same_since = 0.0

    @property
    def scalable(self) -> bool:
        """Tell whether it is InService: while it changes it is not scaled."""
        return self._changing == 0

    def set_desired(self, capacity: int, now: float) -> str | None:
        """Start instances, or let the newest leave."""
        self._pay(now)
        self._same_since = now
        if capacity > self.desired:
            for _ in range(capacity - self.desired):
                self._changing += 1
                self._at(now + self._site.startup_s, _READY)
        else:
            for _ in range(self.desired - capacity):
                self._changing += 1
                done = self._fleet.remove(now)
                self._at(max(done, now + self._site.shutdown_s), _SETTLED)
        self.desired = capacity
        return None

    def run(self) -> Outcome:
        """Let the traffic come, from its beginning to its end."""
        for _ in range(self.desired):
            self._fleet.add(0.0)
        self._at(60.0 + SETTLING_S + self._site.metric_delay_s, _TICK)
        timeline = Timeline(self._traffic.duration)
        now, simulated, minute = 0.0, 0, 0
        while now < self._traffic.duration:
            one = next_slice(self._traffic, now, self._events[0][0])
            simulated += self._serve(one)
            now = one.end
            if now >= (minute + 1) * 60:
                tally = self._fleet.take_tally()
                timeline.add(now, tally, self.desired, self._fleet.size, self._fleet.outstanding)
                self._observe(minute * 60, tally)
                minute += 1
            self._happen(now)
        self._pay(now)
        self._fleet.pass_to(now + self._site.limits.timeout_s)  # what still is there gets its answer
        timeline.finish(now, self._fleet.take_tally(), self.desired, self._fleet.size)
        return Outcome(
            self._candidate,
            self._traffic.duration,
            timeline.total,
            timeline.points,
            list(self._scaler.activities),
            self._paid,
            simulated,
        )

    def _serve(self, one: Slice) -> int:
        fleet, sample, served = self._fleet, self._pace.sample, 0
        if sample is None or not self._is_calm(one):
            for part in parts(one):
                found = batch(part, self._random, sample=None)
                fleet.serve(found.arrivals)
                served += len(found.arrivals)
        else:
            found = batch(one, self._random, sample=sample)
            fleet.serve(found.arrivals, found.weight)
            served = len(found.arrivals)
            if found.skip:
                fleet.count_invocations(found.count)
                fleet.pass_to(one.end - found.skip)
                fleet.skip(found.skip)
        fleet.pass_to(one.end)
        return served

    def _is_calm(self, one: Slice) -> bool:
        """Tell whether lines are neither growing nor shrinking."""
        fleet, workers = self._fleet, self._fleet.size * self._site.limits.concurrency
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

    def _observe(self, minute_s: int, tally: Tally) -> None:
        """Take over the metrics of a minute; an idle endpoint emits zeros."""
        per_instance = self._fleet.per_instance
        self._scaler.observe(
            minute_s,
            {
                "InvocationsPerInstance": per_instance,
                "Invocations": per_instance * self._fleet.size,
                "ModelLatency": tally.latencies.mean * 1e6 if tally.answered else None,
            },
        )
        self._fleet.per_instance = 0.0

    def _happen(self, now: float) -> None:
        while self._events[0][0] <= now:
            at, _, kind = heappop(self._events)
            if kind == _TICK:
                self._scaler.tick(self, at)
                self._at(at + 60.0, _TICK)
                continue
            self._pay(at)
            self._changing -= 1
            self._same_since = at
            if kind == _READY:
                self._fleet.add(at)
            if not self._changing:
                self._scaler.fulfilled(at)

    def _pay(self, now: float) -> None:
        """Count what is there: serving, starting and leaving."""
        self._paid += (now - self._paid_until) * max(self.desired, self._fleet.size)
        self._paid_until = now

    def _at(self, at: float, kind: int) -> None:
        self._order += 1
        heappush(self._events, (at, self._order, kind))
