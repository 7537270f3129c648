"""What a volume costs at AWS's list price: its size, by the second, from its creation until it is deleted.

Prices of us-east-1 in USD for a GB and month, from memory of https://aws.amazon.com/ebs/pricing/ in 2025; a
month has 730 hours, as AWS's calculator counts. IOPS and throughput beyond what a type comes with are priced,
requests of `standard` are not. Pure.
"""

from __future__ import annotations

from datetime import datetime

from sagehen.services.ec2 import paid_periods
from sagehen.services.ec2.resources.resource import Body, stamp

_GB_MONTH = {
    "gp3": 0.08, "gp2": 0.10, "io1": 0.125, "io2": 0.125, "st1": 0.045, "sc1": 0.015, "standard": 0.05,
}  # fmt: skip
# Of an IOPS and month beyond so many; io2's is the first step of three.
_IOPS_MONTH = {"gp3": (0.005, 3000), "io1": (0.065, 0), "io2": (0.065, 0)}
_MIBPS_MONTH = {"gp3": (0.04, 125)}
_MONTH_H = 730.0


def usd_per_month(body: Body) -> float:
    """Return what a volume costs as it is."""
    kind = body["VolumeType"]
    iops_usd, free_iops = _IOPS_MONTH.get(kind, (0.0, 0))
    mibps_usd, free_mibps = _MIBPS_MONTH.get(kind, (0.0, 0))
    return float(
        body["Size"] * _GB_MONTH[kind]
        + max(0, (body.get("Iops") or 0) - free_iops) * iops_usd
        + max(0, (body.get("Throughput") or 0) - free_mibps) * mibps_usd
    )


def usd_per_hour(body: Body) -> float:
    """Return what a volume costs by the hour as it is."""
    return usd_per_month(body) / _MONTH_H


def usd_this_month(body: Body, now: datetime) -> float:
    """Return the USD that a volume has cost since the month began.

    Worked example: 8 GB of gp3 cost 0.64 USD in 730 hours.
    """
    return paid_periods.of_month(_until(body, now), now)


def change(body: Body, after: Body, now: datetime) -> Body:
    """Return the body as it is from now on, with what it has cost so far."""
    return {**body, **after, "bill": {**_until(body, now), "since": stamp(now)}}


def _until(body: Body, now: datetime) -> Body:
    bill: Body = body.get("bill", {"since": body["CreateTime"]})
    return paid_periods.added(bill, usd_per_hour(body) / 3600, datetime.fromisoformat(bill["since"]), now)
