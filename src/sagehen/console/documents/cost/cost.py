"""The document of costs, and the list of prices behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sagehen.console.documents.asking import Ask, Seen
from sagehen.console.documents.cost.counted import Sums, gone
from sagehen.console.documents.cost.functions import functions
from sagehen.console.documents.cost.hosting import endpoints, notebooks
from sagehen.console.documents.cost.item import Item, Month
from sagehen.console.documents.cost.jobs import jobs
from sagehen.console.documents.cost.machines import machines, volumes
from sagehen.console.documents.cost.training import training
from sagehen.console.documents.times import iso
from sagehen.console.ledger.records import Counted
from sagehen.domain.ports.compute.ec2_bills import Ec2Bills
from sagehen.domain.scope import Scope
from sagehen.executors.hardware.instance_types import SPOT_PRICE_SHARE, all_types, prices_note
from sagehen.simulation.bill.prices import listed

LEFT_OUT = (
    "storage: buckets, snapshots, disks of endpoints, jobs and notebook instances, packages of functions",
    "data transfer, public addresses",
    "requests to REST APIs, buckets and keys",
    "logs, metrics and alarms beyond the free ones",
    "warm pools that have ended",
    "what ran before Sagehen counted it, and up to 20 s of what has ended",
    "free tiers, discounts, taxes",
)


class Ledger(Protocol):
    """What was counted this month."""

    async def counted(self, scope: Scope) -> list[Counted]: ...


async def cost(bills: Ec2Bills, ledger: Ledger, ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what runs now per hour and this month so far, of the account's resources in one region.

    Args:
        bills: What EC2 has counted.
        ledger: What was counted of all else, and of what is gone.
    """
    seen, month = Seen(ask), Month.of(ask.now)
    counted = Sums(await ledger.counted(ask.scope), listed())
    items = [
        *await endpoints(seen, month, counted),
        *await notebooks(seen, counted),
        *await training(seen, month),
        *await jobs(seen, month),
        *await machines(seen, month, bills),
        *await volumes(seen, bills),
        *await functions(seen, month, listed(), counted),
    ]
    items += gone(seen, counted, {(item.kind, item.name) for item in items})
    return {
        "now": iso(ask.now),
        "monthStart": iso(month.start),
        "region": ask.scope.region,
        "currency": "USD",
        **added_up(items, month),
        "items": [item.told() for item in items],
        "leftOut": [*LEFT_OUT],
        "note": prices_note(),
        **seen.lacks(),
    }


def added_up(items: Sequence[Item], month: Month) -> Mapping[str, Any]:
    """Return the sums, in dollars.

    `usdMonthAtThisRate` is this month's sum so far, and what runs now until its end. Items without a known
    price are counted in `unpriced` and are in no sum.
    """
    hourly = sum(item.usd_per_hour or 0.0 for item in items)
    so_far = sum(item.usd_this_month or 0.0 for item in items)
    left_h = (month.end - month.now).total_seconds() / 3600
    return {
        "usdPerHour": round(hourly, 6),
        "usdThisMonth": round(so_far, 6),
        "usdMonthAtThisRate": round(so_far + hourly * left_h, 6),
        "usdIdlePerHour": round(sum(item.usd_per_hour or 0.0 for item in items if item.idle), 6),
        "unpriced": sum(item.usd_per_hour is None for item in items),
    }


async def prices(ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the list prices that costs are reckoned with."""
    functions_prices = listed()
    return {
        "currency": "USD",
        "region": functions_prices.region,
        "note": prices_note(),
        "spotShare": SPOT_PRICE_SHARE,
        "instanceTypes": [
            {
                "name": kind.name,
                "vcpus": kind.vcpus,
                "memoryGib": kind.memory_gib,
                "gpus": kind.gpus,
                "gpu": kind.gpu,
                "network": kind.network,
                "usdPerHour": kind.usd_per_hour,
            }
            for kind in all_types()
        ],
        "lambda": {
            "date": functions_prices.date,
            "source": functions_prices.source,
            "perRequest": functions_prices.per_request,
            "perGbSecond": functions_prices.per_gb_s,
            "provisionedPerGbSecond": functions_prices.provisioned_per_gb_s,
            "provisionedDurationPerGbSecond": functions_prices.provisioned_duration_per_gb_s,
        },
    }
