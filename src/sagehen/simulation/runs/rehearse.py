"""Rehearsal: candidates' runs, from a seed."""

from __future__ import annotations

from random import Random

from sagehen.simulation.runs.endpoint import EndpointSide
from sagehen.simulation.runs.function import FunctionSide
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.pace import Pace
from sagehen.simulation.runs.run import run
from sagehen.simulation.runs.sites import Candidate, EndpointSite, FunctionSite
from sagehen.traffic.traffic import Traffic

Site = EndpointSite | FunctionSite


class Rehearsal:
    """Runs candidates one after the other, each against the same traffic.

    Seconds of work come in the same order for all; moments of arrivals differ as soon as candidates do, for
    the router draws from the same source, and events of scaling cut time into other slices.

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
        behind = None if isinstance(site, EndpointSite) else site.behind
        self._behind = behind.service.shuffled(random) if behind is not None else []

    def run(self, candidate: Candidate, pace: Pace) -> Outcome:
        """Run one candidate."""
        random = Random(self._seed)
        site = self._site
        if isinstance(site, EndpointSite):
            side = EndpointSide(site, candidate, self._services, random)
            (outcome,) = run([(side, candidate)], self._traffic, random, pace)
            return outcome
        if site.behind is None or candidate.behind is None:
            front = FunctionSide(site, candidate, self._services, self._inits, random)
            (outcome,) = run([(front, candidate)], self._traffic, random, pace)
            return outcome
        behind = EndpointSide(site.behind, candidate.behind, self._behind, random, is_behind=True)
        front = FunctionSide(site, candidate, self._services, self._inits, random, behind.servers.ask)
        outcome, asked = run([(front, candidate), (behind, candidate.behind)], self._traffic, random, pace)
        outcome.behind = asked
        return outcome
