"""Bill: what an outcome costs."""

from __future__ import annotations

from sagehen.simulation.bill.prices import Prices
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.rehearse import Site
from sagehen.simulation.runs.sites import EndpointSite


def bill(outcome: Outcome, site: Site, prices: Prices) -> dict[str, float]:
    """Return US dollars by item.

    Not in it: data processed, free tiers, discounts, and that AWS rounds the time of provisioned concurrency
    up to five minutes.
    """
    tally = outcome.tally
    if isinstance(site, EndpointSite):
        return {"instances": outcome.capacity_s / 3600 * prices.per_hour[site.instance_type]}
    behind = {}
    if outcome.behind is not None and site.behind is not None:
        behind = bill(outcome.behind, site.behind, prices)
    gb, kind = site.memory_mib / 1024, site.architecture
    ran = tally.arrived - tally.throttled
    return {
        "requests": ran * prices.per_request,
        "duration": tally.work_s * gb * prices.per_gb_s[kind]
        + tally.provisioned_work_s * gb * prices.provisioned_duration_per_gb_s[kind],
        "provisioned": outcome.capacity_s * gb * prices.provisioned_per_gb_s[kind],
        **behind,
    }
