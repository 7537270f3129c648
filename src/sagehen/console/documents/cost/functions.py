"""What functions cost: by request and duration, and by the hour where concurrency is provisioned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.console.documents.asking import Seen
from sagehen.console.documents.cost.counted import Sums
from sagehen.console.documents.cost.item import Item, Month
from sagehen.console.documents.metrics import Metric, totals
from sagehen.simulation.bill.prices import Prices

_DAY_S = 86_400


async def functions(seen: Seen, month: Month, prices: Prices, counted: Sums) -> list[Item]:
    """Return the functions that were invoked this month, or have provisioned concurrency."""
    listed = await seen.all("lambda", "ListFunctions", "Functions", mark="NextMarker", sent="Marker")
    names = [one["FunctionName"] for one in listed]
    metrics = [
        Metric("AWS/Lambda", metric, {"FunctionName": name})
        for metric in ("Invocations", "Duration")
        for name in names
    ]
    sums = await totals(seen, metrics, month.start, month.now, _DAY_S)
    kept = await seen.each(
        "lambda", "ListProvisionedConcurrencyConfigs", [{"FunctionName": name} for name in names]
    )
    items = []
    for place, function in enumerate(listed):
        calls, busy_ms = sums[place] or 0.0, sums[len(names) + place] or 0.0
        provisioned = sum(
            one.get("AllocatedProvisionedConcurrentExecutions") or 0
            for one in kept[place].get("ProvisionedConcurrencyConfigs") or ()
        )
        kept_gb_s = counted.gb_seconds(function["FunctionName"])
        item = item_of(function, calls, busy_ms, provisioned, prices, kept_gb_s)
        if item is not None:
            items.append(item)
    return items


def item_of(
    function: Mapping[str, Any],
    calls: float,
    busy_ms: float,
    provisioned: int,
    prices: Prices,
    kept_gb_s: float = 0.0,
) -> Item | None:
    """Return what a function costs; None where that is nothing.

    Worked example: 1,000 invocations of 200 ms with 512 MB on x86_64 are $0.0002 for requests and
    100 GB-seconds, $0.00167.

    Args:
        function: As ListFunctions tells it.
        calls: Invocations this month.
        busy_ms: Their duration together.
        provisioned: Environments that are kept ready now.
        prices: Of requests, durations and provisioned concurrency.
        kept_gb_s: GB-seconds of provisioned concurrency this month.
    """
    gb = function["MemorySize"] / 1024
    kind = (function.get("Architectures") or ["x86_64"])[0]
    if not calls and not provisioned and not kept_gb_s:
        return None
    used = calls * prices.per_request + busy_ms / 1000 * gb * prices.per_gb_s[kind]
    used += kept_gb_s * prices.provisioned_per_gb_s[kind]
    hourly = provisioned * gb * 3600 * prices.provisioned_per_gb_s[kind]
    what = f"{calls:,.0f} invocations, {busy_ms / 1000:,.1f} s, {function['MemorySize']} MB"
    if provisioned:
        what += f"; {provisioned} provisioned"
    idle = "provisioned concurrency, and no invocation this month" if provisioned and not calls else ""
    return Item("function", function["FunctionName"], what, hourly, used, idle=idle)
