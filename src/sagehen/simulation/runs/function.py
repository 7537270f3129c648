"""A function in a run: environments, provisioned concurrency, alarms each minute."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from random import Random
from statistics import fmean

from sagehen.concurrency.room import provision_refusal
from sagehen.simulation.runs.endpoint import SETTLING_S
from sagehen.simulation.runs.side import Served
from sagehen.simulation.runs.sites import Candidate, FunctionSite
from sagehen.simulation.runs.slices import Slice
from sagehen.simulation.scaling.scaler import Activity, Scaler
from sagehen.simulation.servers.environments import NAME, Ask, Environments
from sagehen.simulation.servers.tally import Tally

_TICK, _READY = 0, 1
# Where more of a slice than this waited for new environments, the next one is served in full.
_CALM = 0.01


class FunctionSide:
    """A function in a run; its capacity is provisioned concurrency.

    Args:
        site, candidate: What is rehearsed.
        services, inits: Seconds, in an order to draw from.
        random: Where in them to begin.
        ask: Of what each invocation calls; see Environments.
    """

    def __init__(
        self,
        site: FunctionSite,
        candidate: Candidate,
        services: Sequence[float],
        inits: Sequence[float],
        random: Random,
        ask: Ask | None = None,
    ) -> None:
        self._site, self._candidate = site, candidate
        self.servers = Environments(site.premises, candidate.reserved, services, inits, random, ask)
        self._scaler = Scaler(candidate.policies, candidate.minimum, candidate.maximum, site.metric_delay_s)
        self._events: list[tuple[float, int, int, int]] = []
        self._order = 0
        self.desired = candidate.initial
        self._ready = candidate.initial
        self._asked = 0  # of the newest request for provisioned concurrency
        self.paid = self._paid_until = 0.0
        self._cold = 0.0  # of the minute, as far as it is counted
        self._cold_share = 1.0  # of the last slice
        self._seen: list[float] = []

    @property
    def serving(self) -> int:
        """Environments that are there or start."""
        return self._ready + self.servers.warm

    @property
    def busy(self) -> int:
        """Environments that work, and invocations that wait for one."""
        return self.servers.busy

    @property
    def next_event(self) -> float:
        """When something happens."""
        return self._events[0][0]

    @property
    def activities(self) -> list[Activity]:
        """What was scaled, and why not."""
        return list(self._scaler.activities)

    def begin(self) -> None:
        """Have ready what the candidate begins with."""
        self.servers.provision(self.desired, 0.0)
        self._at(60.0 + SETTLING_S + self._site.metric_delay_s, _TICK, 0)

    @property
    def scalable(self) -> bool:
        """A function always takes a new number; the newest request replaces one that goes on."""
        return True

    def set_desired(self, capacity: int, now: float) -> str | None:
        """Ask for provisioned concurrency: all of it is ready at once, or none of what is new."""
        refusal = provision_refusal(
            self.servers.shares, self._site.premises.limits, NAME, self._ready, capacity
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

    def is_calm(self, one: Slice) -> bool:
        """Tell whether hardly an environment was started in the last slice."""
        return self._cold_share < _CALM

    def served(self, one: Slice, what: Served) -> None:
        """End what was idle for long; look how many provisioned ones work."""
        self.servers.expire(one.end)
        cold = self.servers.tally.cold
        self._cold_share = (cold - self._cold) / max(what.simulated, 1)
        self._cold = cold
        if (utilization := self.servers.utilization) is not None:
            self._seen.append(utilization)

    def end(self, now: float) -> None:
        """See Side."""
        self._pay(now)
        self.servers.pass_to(now + self._site.premises.timeout_s)

    def observe(self, minute_s: int, tally: Tally) -> None:
        """Take over the metrics of a minute."""
        seen, self._seen = self._seen, []
        self._cold = 0.0
        self._scaler.observe(minute_s, {"Utilization": fmean(seen) if seen else None})

    def happen(self, now: float) -> None:
        while self._events[0][0] <= now:
            at, _, kind, asked = heappop(self._events)
            if kind == _TICK:
                self._scaler.tick(self, at)
                self._at(at + 60.0, _TICK, 0)
            elif asked == self._asked:  # else a newer request has replaced it
                self._pay(at)
                self.servers.provision(self.desired, now)
                self._ready = self.desired
                self._scaler.fulfilled(at)

    def _pay(self, now: float) -> None:
        """Count provisioned environments; those being made are paid (Lambda's pricing page)."""
        self.paid += (now - self._paid_until) * max(self.desired, self._ready)
        self._paid_until = now

    def _at(self, at: float, kind: int, asked: int) -> None:
        self._order += 1
        heappush(self._events, (at, self._order, kind, asked))
