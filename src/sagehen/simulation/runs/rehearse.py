"""Rehearse: one candidate's run, from a seed."""

from __future__ import annotations

from random import Random

from sagehen.simulation.runs.endpoint import EndpointRun
from sagehen.simulation.runs.function import FunctionRun
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.pace import Pace
from sagehen.simulation.runs.sites import Candidate, EndpointSite, FunctionSite
from sagehen.traffic.traffic import Traffic

Site = EndpointSite | FunctionSite


class Rehearsal:
    """Runs candidates one after the other, each against the same traffic and the same draws.

    Args:
        site: What is rehearsed.
        traffic: What comes.
        seed: Of all randomness.
    """

    def __init__(self, site: Site, traffic: Traffic, seed: int) -> None:
        self._site, self._traffic, self._seed = site, traffic, seed
        random = Random(seed)
        self._services = site.service.shuffled(random)
        self._inits = site.init.shuffled(random) if isinstance(site, FunctionSite) else []

    def run(self, candidate: Candidate, pace: Pace) -> Outcome:
        """Run one candidate."""
        random = Random(self._seed)
        if isinstance(self._site, EndpointSite):
            return EndpointRun(self._site, candidate, self._traffic, self._services, random, pace).run()
        return FunctionRun(
            self._site, candidate, self._traffic, self._services, self._inits, random, pace
        ).run()
