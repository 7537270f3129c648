"""Plan: all that a rehearsal needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
        _prices(plan, site),
        plan.get("seed", count(0, 10**9 - 1), 1),
    )
    plan.end()
    return found


def _check(site: FunctionSite, candidates: Sequence[Candidate], place: Section) -> None:
    """Refuse what Lambda would refuse, in its words."""
    for one in candidates:
        refusal = site.premises.refusal(one.reserved, one.initial)
        if refusal is not None:
            raise place.fail(f"{one.name}: Lambda refuses it: {refusal}")


def _prices(plan: Section, site: Site) -> Prices:
    prices, given = listed(), plan.take("prices")
    if given is not None:
        section = given.section()
        read = number(0, 1e6)
        types = [name for name in section.names() if name.startswith("ml.")]
        found = {
            name: value.read(read)
            for name in (*types, *OVERRIDES)
            if (value := section.take(name)) is not None
        }
        section.end()
        prices = prices.corrected(found)
    endpoint = site if isinstance(site, EndpointSite) else site.behind
    if endpoint is not None and endpoint.instance_type not in prices.per_hour:
        # For nothing, the dearest would be as good as the cheapest.
        raise plan.fail(
            f"no price of {endpoint.instance_type} is known: name it, "
            f"`prices: {{{endpoint.instance_type}: DOLLARS_AN_HOUR}}`"
        )
    return prices
