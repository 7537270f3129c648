"""A function's run."""

from __future__ import annotations

from heapq import heappop, heappush
from random import Random
from statistics import fmean

from sagehen.concurrency.room import provision_refusal
from sagehen.simulation.runs.endpoint import SETTLING_S
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.pace import Pace
from sagehen.simulation.runs.sites import Candidate, FunctionSite
from sagehen.simulation.runs.slices import Slice, batch, next_slice, parts
from sagehen.simulation.runs.timeline import Timeline
from sagehen.simulation.scaling.scaler import Scaler
from sagehen.simulation.servers.environments import NAME, Environments
from sagehen.traffic.traffic import Traffic

_TICK, _READY = 0, 1
# Where more of a slice than this waited for new environments, the next one is served in full.
_CALM = 0.01


class FunctionRun:
    """One candidate's run.

    Args:
        site, candidate: What is rehearsed; the candidate's capacity is provisioned concurrency.
        traffic: What comes.
        services, inits: Seconds, in an order to draw from.
        random: Of arrivals.
        pace: How many requests are served one by one.
    """

    def __init__(
        self,
        site: FunctionSite,
        candidate: Candidate,
        traffic: Traffic,
        services: list[float],
        inits: list[float],
        random: Random,
        pace: Pace,
    ) -> None:
        self._site, self._candidate, self._traffic = site, candidate, traffic
        self._random, self._pace = random, pace
        self._environments = Environments(site.premises, candidate.reserved, services, inits, random)
        self._scaler = Scaler(candidate.policies, candidate.minimum, candidate.maximum)
        self._events: list[tuple[float, int, int, int]] = []
        self._order = 0
        self.desired = candidate.initial
        self._ready = candidate.initial
        self._asked = 0  # of the newest request for provisioned concurrency
        self._paid = self._paid_until = 0.0
        self._cold_share = 1.0  # of the last slice
        self._seen: list[float] = []

    @property
    def scalable(self) -> bool:
        """A function always takes a new number; the newest request replaces one that goes on."""
        return True

    def set_desired(self, capacity: int, now: float) -> str | None:
        """Ask for provisioned concurrency: all of it is ready at once, or none of what is new."""
        refusal = provision_refusal(
            self._environments.shares, self._site.premises.limits, NAME, self._ready, capacity
        )
        if refusal is not None:
            return refusal
        self._pay(now)
        self.desired = capacity
        self._asked += 1
        if capacity > self._ready:
            self._at(now + self._site.provision_s, _READY, self._asked)
        else:
            self._at(now, _READY, self._asked)
        return None

    def run(self) -> Outcome:
        """Let the traffic come, from its beginning to its end."""
        self._environments.provision(self.desired, 0.0)
        self._at(60.0 + SETTLING_S + self._site.metric_delay_s, _TICK, 0)
        timeline = Timeline(self._traffic.duration)
        now, simulated, minute = 0.0, 0, 0
        while now < self._traffic.duration:
            one = next_slice(self._traffic, now, self._events[0][0])
            simulated += self._serve(one)
            now = one.end
            if now >= (minute + 1) * 60:
                self._observe(minute * 60)
                timeline.add(now, self._environments.take_tally(), self.desired, self._serving, self._busy)
                minute += 1
            self._happen(now)
        self._pay(now)
        self._environments.pass_to(now + self._site.premises.timeout_s)
        timeline.finish(now, self._environments.take_tally(), self.desired, self._serving)
        return Outcome(
            self._candidate,
            self._traffic.duration,
            timeline.total,
            timeline.points,
            list(self._scaler.activities),
            self._paid,
            simulated,
        )

    @property
    def _serving(self) -> int:
        return self._ready + self._environments.warm

    @property
    def _busy(self) -> int:
        return self._environments.busy

    def _serve(self, one: Slice) -> int:
        environments = self._environments
        cold = environments.tally.cold
        sample, served = self._pace.sample, 0
        if sample is None or self._cold_share >= _CALM:
            for part in parts(one):
                found = batch(part, self._random, sample=None)
                environments.serve(found.arrivals)
                served += len(found.arrivals)
        else:
            found = batch(one, self._random, sample=sample)
            environments.serve(found.arrivals, found.weight)
            served = len(found.arrivals)
            if found.skip:
                environments.pass_to(one.end - found.skip)
                environments.skip(found.skip)
        environments.pass_to(one.end)
        environments.expire(one.end)
        self._cold_share = (environments.tally.cold - cold) / max(served, 1)
        if (utilization := environments.utilization) is not None:
            self._seen.append(utilization)
        return served

    def _observe(self, minute_s: int) -> None:
        seen, self._seen = self._seen, []
        self._scaler.observe(minute_s, {"Utilization": fmean(seen) if seen else None})

    def _happen(self, now: float) -> None:
        while self._events[0][0] <= now:
            at, _, kind, asked = heappop(self._events)
            if kind == _TICK:
                self._scaler.tick(self, at)
                self._at(at + 60.0, _TICK, 0)
            elif asked == self._asked:  # else a newer request has replaced it
                self._pay(at)
                self._environments.provision(self.desired, now)
                self._ready = self.desired
                self._scaler.fulfilled(at)

    def _pay(self, now: float) -> None:
        """Count provisioned environments; those being made are paid (Lambda's pricing page)."""
        self._paid += (now - self._paid_until) * max(self.desired, self._ready)
        self._paid_until = now

    def _at(self, at: float, kind: int, asked: int) -> None:
        self._order += 1
        heappush(self._events, (at, self._order, kind, asked))
