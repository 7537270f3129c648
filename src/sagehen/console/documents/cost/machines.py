"""What EC2's instances and volumes cost: EC2 counts it itself, by the second."""

from __future__ import annotations

from datetime import timedelta

from sagehen.console.documents.asking import Seen
from sagehen.console.documents.cost.item import Item, Month
from sagehen.console.documents.metrics import Metric, totals
from sagehen.domain.ports.compute.ec2_bills import Ec2Bills, MachineBill, VolumeBill

# Percent of a machine's processors, on average over an hour: less is nobody at work.
_IDLE_PERCENT = 2.0
_IDLE_AFTER = timedelta(hours=1)


async def machines(seen: Seen, month: Month, bills: Ec2Bills) -> list[Item]:
    """Return the instances that run, or ran this month and are still shown."""
    if not seen.allows("ec2:DescribeInstances"):
        return []
    found = [bill for bill in await bills.machines(seen.ask.scope) if bill.runs or bill.usd_this_month]
    running = [bill for bill in found if bill.runs]
    metrics = [Metric("AWS/EC2", "CPUUtilization", {"InstanceId": bill.id}, "Average") for bill in running]
    busy = await totals(seen, metrics, month.now - _IDLE_AFTER, month.now, 3600)
    percents = {bill.id: percent for bill, percent in zip(running, busy, strict=True)}
    return [_machine(bill, month, percents.get(bill.id)) for bill in found]


def _machine(bill: MachineBill, month: Month, percent: float | None) -> Item:
    long = month.now - bill.since > _IDLE_AFTER
    quiet = long and percent is not None and percent < _IDLE_PERCENT
    return Item(
        kind="instance",
        name=bill.id,
        what=f"1 × {bill.type}" + (" on Spot" if bill.spot else ""),
        usd_per_hour=bill.usd_per_hour,
        usd_this_month=bill.usd_this_month,
        since=bill.since,
        idle=f"{percent:.1f} % of its processors in the last hour" if quiet else "",
    )


async def volumes(seen: Seen, bills: Ec2Bills) -> list[Item]:
    """Return the volumes."""
    if not seen.allows("ec2:DescribeVolumes"):
        return []
    return [_volume(bill) for bill in await bills.volumes(seen.ask.scope)]


def _volume(bill: VolumeBill) -> Item:
    return Item(
        kind="volume",
        name=bill.id,
        what=f"{bill.size_gib} GiB {bill.type}",
        usd_per_hour=bill.usd_per_hour,
        usd_this_month=bill.usd_this_month,
        since=bill.since,
        idle="" if bill.is_attached else "attached to no machine",
    )
