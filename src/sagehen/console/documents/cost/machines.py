"""What EC2's instances cost."""

from __future__ import annotations

from datetime import timedelta

from sagehen.console.documents.asking import Seen
from sagehen.console.documents.cost.item import Item, Month, price_of, times
from sagehen.console.documents.metrics import Metric, totals
from sagehen.console.documents.times import moment
from sagehen.executors.hardware.instance_types import SPOT_PRICE_SHARE

# Percent of a machine's processors, on average over an hour: less is nobody at work.
_IDLE_PERCENT = 2.0
_IDLE_AFTER = timedelta(hours=1)


async def machines(seen: Seen, month: Month) -> list[Item]:
    """Return the instances that run."""
    groups = await seen.all("ec2", "DescribeInstances", "Reservations", MaxResults=1000)
    found = [one for group in groups for one in group["Instances"] if one["State"]["Name"] == "running"]
    metrics = [
        Metric("AWS/EC2", "CPUUtilization", {"InstanceId": one["InstanceId"]}, "Average") for one in found
    ]
    busy = await totals(seen, metrics, month.now - _IDLE_AFTER, month.now, 3600)
    items = []
    for one, percent in zip(found, busy, strict=True):
        since, spot = moment(one["LaunchTime"]), one.get("InstanceLifecycle") == "spot"
        price = price_of(one["InstanceType"], share=SPOT_PRICE_SHARE if spot else 1.0)
        long = since is not None and month.now - since > _IDLE_AFTER
        quiet = long and percent is not None and percent < _IDLE_PERCENT
        items.append(
            Item(
                kind="instance",
                name=one["InstanceId"],
                what=f"1 × {one['InstanceType']}" + (" on Spot" if spot else ""),
                usd_per_hour=price,
                usd_this_month=times(price, month.hours_since(since)),
                since=since,
                idle=f"{percent:.1f} % of its processors in the last hour" if quiet else "",
                estimated=True,
            )
        )
    return items
