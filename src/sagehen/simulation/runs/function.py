"""A function in a run: environments, provisioned concurrency, alarms each minute."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from random import Random
from statistics import fmean

from sagehen.concurrency.room import provision_refusal
from sagehen.simulation.runs.scaled import Scaled
from sagehen.simulation.runs.side import Served
from sagehen.simulation.runs.sites import Candidate, FunctionSite
from sagehen.simulation.runs.slices import Slice
from sagehen.simulation.servers.environments import Ask, Environments
from sagehen.simulation.servers.premises import NAME
from sagehen.simulation.servers.tally import Tally

# Where more of a slice than this waited for new environments, the next one is served in full.
_CALM = 0.01


class FunctionSide(Scaled):
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
        super().__init__(candidate, site.metric_delay_s)
        self._site = site
        self.servers = Environments(site.premises, candidate.reserved, services, inits, random, ask)
        self._ready = candidate.initial
        self._asked = 0  # of the newest request for provisioned concurrency
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

    def begin(self) -> None:
        """Have ready what the candidate begins with."""
        self.servers.provision(self.desired, 0.0)

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
        self._pay_provisioned(now)
        self._desired = capacity
        self._asked += 1
        ready = now + self._site.provision_s if capacity > self._ready else now
        self._at(ready, partial(self._provisioned, self._asked))
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
        self._pay_provisioned(now)
        self.servers.pass_to(now + self._site.premises.timeout_s)

    def observe(self, minute_s: int, tally: Tally) -> None:
        """Take over the metrics of a minute."""
        seen, self._seen = self._seen, []
        self._cold = 0.0
        self._scaler.observe(minute_s, {"Utilization": fmean(seen) if seen else None})

    def _provisioned(self, asked: int, at: float) -> None:
        if asked != self._asked:  # a newer request has replaced it
            return
        self._pay_provisioned(at)
        self.servers.provision(self.desired, at)
        self._ready = self.desired
        self._scaler.fulfilled(at)

    def _pay_provisioned(self, now: float) -> None:
        """Those that are being made are paid, too (Lambda's pricing page)."""
        self._pay(now, max(self.desired, self._ready))
