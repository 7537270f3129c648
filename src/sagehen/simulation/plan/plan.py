"""Plan: all that a rehearsal needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.concurrency.counting import Shares
from sagehen.concurrency.room import provision_refusal, reservation_refusal
from sagehen.simulation.bill.prices import OVERRIDES, Prices, listed
from sagehen.simulation.choice.objective import Objective, parse_objective
from sagehen.simulation.plan.candidate import read_candidates
from sagehen.simulation.plan.measures import read_traffic
from sagehen.simulation.plan.sections import Section, document
from sagehen.simulation.plan.site import read_site
from sagehen.simulation.plan.sources import Sources
from sagehen.simulation.plan.values import count, number
from sagehen.simulation.runs.rehearse import Site
from sagehen.simulation.runs.sites import Candidate, EndpointSite, FunctionSite
from sagehen.simulation.servers.environments import NAME
from sagehen.traffic.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a rehearsal needs.

    Args:
        site: What is rehearsed.
        traffic: What comes.
        candidates: What is compared; none leaves it to the search.
        objective: What has to hold; None where it does not matter.
        prices: The list, corrected by the plan.
        seed: Of all randomness.
    """

    site: Site
    traffic: Traffic
    candidates: tuple[Candidate, ...]
    objective: Objective | None
    prices: Prices
    seed: int


def read_plan(text: str, sources: Sources) -> Plan:
    """Read a plan.

    Raises:
        PlanError: With line and field.
    """
    plan = document(text)
    site = read_site(plan, sources)
    traffic = read_traffic(plan, sources)
    is_endpoint = isinstance(site, EndpointSite)
    limit = site.premises.limits.concurrency if not isinstance(site, EndpointSite) else 0
    asks = not isinstance(site, EndpointSite) and site.behind is not None
    candidates = read_candidates(plan, is_endpoint=is_endpoint, account_limit=limit, asks=asks)
    if asks and not candidates:
        raise plan.fail("a function that asks an endpoint needs candidates: nothing searches both at once")
    if isinstance(site, FunctionSite):
        _check(site, candidates, plan)
    objective = plan.take("objective")
    found = Plan(
        site,
        traffic,
        tuple(candidates),
        None if objective is None else objective.read(parse_objective),
        _prices(plan),
        plan.get("seed", count(0, 10**9 - 1), 1),
    )
    plan.end()
    return found


def _check(site: FunctionSite, candidates: Sequence[Candidate], place: Section) -> None:
    """Refuse what Lambda would refuse, in its words."""
    limits, others = site.premises.limits, site.premises.others_reserved
    apart = {"others": others} if others else {}
    for one in candidates:
        refusal = None
        if one.reserved is not None:
            refusal = reservation_refusal(Shares(apart), limits, NAME, one.reserved)
            apart = {**apart, NAME: one.reserved}
        if refusal is None and one.initial:
            refusal = provision_refusal(Shares(apart), limits, NAME, 0, one.initial)
        apart.pop(NAME, None)
        if refusal is not None:
            raise place.fail(f"{one.name}: Lambda refuses it: {refusal.strip()}")


def _prices(plan: Section) -> Prices:
    given = plan.take("prices")
    if given is None:
        return listed()
    section = given.section()
    read = number(0, 1e6)
    types = [name for name in section.names() if name.startswith("ml.")]
    found = {
        name: value.read(read) for name in (*types, *OVERRIDES) if (value := section.take(name)) is not None
    }
    section.end()
    return listed().corrected(found)
