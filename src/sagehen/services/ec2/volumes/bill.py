"""What a volume costs at AWS's list price: its size, by the second, from its creation until it is deleted.

Prices of us-east-1 in USD for a GB and month, from memory of https://aws.amazon.com/ebs/pricing/ in 2025; a
month has 730 hours, as AWS's calculator counts. IOPS and throughput beyond what a type comes with are priced,
requests of `standard` are not. Pure.
"""

from __future__ import annotations

from datetime import datetime

from sagehen.services.ec2.resources.resource import Body, stamp

_GB_MONTH = {
    "gp3": 0.08, "gp2": 0.10, "io1": 0.125, "io2": 0.125, "st1": 0.045, "sc1": 0.015, "standard": 0.05,
}  # fmt: skip
# Of an IOPS and month beyond so many; io2's is the first step of three.
_IOPS_MONTH = {"gp3": (0.005, 3000), "io1": (0.065, 0), "io2": (0.065, 0)}
_MIBPS_MONTH = {"gp3": (0.04, 125)}
_MONTH_S = 730 * 3600.0
_LEAST_S = 60.0


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


def spent(body: Body, now: datetime) -> float:
    """Return the USD that a volume has cost.

    Worked example: 8 GB of gp3 for a month are 0.64 USD.
    """
    bill = body.get("bill", {"usd": 0.0, "since": body["CreateTime"]})
    lasted = (now - datetime.fromisoformat(bill["since"])).total_seconds()
    return float(bill["usd"] + max(_LEAST_S, lasted) / _MONTH_S * usd_per_month(body))


def change(body: Body, after: Body, now: datetime) -> Body:
    """Return the body as it is from now on, with what it has cost so far."""
    return {**body, **after, "bill": {"usd": spent(body, now), "since": stamp(now)}}
