"""What training jobs cost: those that run, this month's, and the warm pools that they left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.console.documents.asking import Seen
from sagehen.console.documents.cost.item import Item, Month, price_of, times
from sagehen.console.documents.times import moment

_RUNNING = ("InProgress", "Stopping")


async def training(seen: Seen, month: Month) -> list[Item]:
    """Return the jobs that were created this month, and what they left warm."""
    listed = await seen.all(
        "sagemaker",
        "ListTrainingJobs",
        "TrainingJobSummaries",
        CreationTimeAfter=month.start,
        MaxResults=100,
    )
    described = await seen.each(
        "sagemaker", "DescribeTrainingJob", [{"TrainingJobName": one["TrainingJobName"]} for one in listed]
    )
    return [item for job in described if job for item in items_of(job, month)]


def items_of(job: Mapping[str, Any], month: Month) -> list[Item]:
    """Return what one job costs, as DescribeTrainingJob tells it: one item, and one for its warm pool."""
    price, what = _price(job["ResourceConfig"])
    running = job["TrainingJobStatus"] in _RUNNING
    since = moment(job.get("TrainingStartTime"))
    if running:
        seconds = (month.now - since).total_seconds() if since else 0.0
    else:
        # Of Spot this is less than the time that it took: AWS tells so what was saved.
        seconds = job.get("BillableTimeInSeconds") or 0
    name = job["TrainingJobName"]
    items = [
        Item(
            kind="training-job",
            name=name,
            what=what,
            usd_per_hour=price if running and since else 0.0,
            usd_this_month=times(price, seconds / 3600),
            since=since,
        )
    ]
    pool = job.get("WarmPoolStatus") or {}
    if pool.get("Status") == "Available":
        ended = moment(job.get("TrainingEndTime"))
        kept = (month.now - ended).total_seconds() if ended else 0.0
        idle = "instances kept warm for the next job"
        items.append(Item("warm-pool", name, what, price, times(price, kept / 3600), ended, idle))
    return items


def _price(resources: Mapping[str, Any]) -> tuple[float | None, str]:
    groups = resources.get("InstanceGroups") or (resources,)
    pairs = [(group.get("InstanceType") or "", group.get("InstanceCount") or 0) for group in groups]
    prices = [price_of(kind, count) for kind, count in pairs]
    known = [price for price in prices if price is not None]
    what = " + ".join(f"{count} × {kind}" for kind, count in pairs)
    return (sum(known) if len(known) == len(prices) else None), what
