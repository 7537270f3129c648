"""What processing and transform jobs cost: those that run, and this month's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.console.documents.asking import Seen
from sagehen.console.documents.cost.item import Item, Month, price_of, times
from sagehen.console.documents.times import moment

_RUNNING = ("InProgress", "Stopping")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of job, in AWS's words.

    Args:
        kind: As ARNs have it.
        noun: As operations and members begin: `Processing`.
        resources: What of a description says the instances.
    """

    kind: str
    noun: str
    resources: Callable[[Mapping[str, Any]], Mapping[str, Any]]


_KINDS = (
    _Kind("processing-job", "Processing", lambda job: job["ProcessingResources"]["ClusterConfig"]),
    _Kind("transform-job", "Transform", lambda job: job["TransformResources"]),
)


async def jobs(seen: Seen, month: Month) -> list[Item]:
    """Return the jobs that were created this month. AWS bills them from their start to their end."""
    items = []
    for kind in _KINDS:
        listed = await seen.all(
            "sagemaker",
            f"List{kind.noun}Jobs",
            f"{kind.noun}JobSummaries",
            CreationTimeAfter=month.start,
            MaxResults=100,
        )
        name = f"{kind.noun}JobName"
        names = [{name: one[name]} for one in listed]
        described = await seen.each("sagemaker", f"Describe{kind.noun}Job", names)
        items += [_item(kind, job, month) for job in described if job]
    return items


def _item(kind: _Kind, job: Mapping[str, Any], month: Month) -> Item:
    resources = kind.resources(job)
    instance_type, count = resources.get("InstanceType") or "", resources.get("InstanceCount") or 1
    price = price_of(instance_type, count)
    running = job[f"{kind.noun}JobStatus"] in _RUNNING
    since = moment(job.get(f"{kind.noun}StartTime"))
    until = month.now if running else moment(job.get(f"{kind.noun}EndTime"))
    seconds = (until - since).total_seconds() if since and until else 0.0
    return Item(
        kind=kind.kind,
        name=job[f"{kind.noun}JobName"],
        what=f"{count} × {instance_type}",
        usd_per_hour=price if running and since else 0.0,
        usd_this_month=times(price, seconds / 3600),
        since=since,
    )
