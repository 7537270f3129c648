"""What a machine costs at AWS's list price: by the second while it is running, a minute at least each time.

Documented (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-billing-modes.html and
https://aws.amazon.com/ec2/pricing/on-demand/): seconds, 60 at least, from `running` until it is stopping or
shutting down; a reboot begins no new period. Pure: what was spent this month stands in the body as `bill`.
"""

from __future__ import annotations

from datetime import datetime

from sagehen.executors.hardware.instance_types import SPOT_PRICE_SHARE, lookup
from sagehen.services.ec2 import paid_periods
from sagehen.services.ec2.resources.resource import Body, stamp

_HOUR_S = 3600.0


def usd_per_hour(body: Body) -> float | None:
    """Return what an instance costs while it runs; None where nobody knows."""
    kind = lookup(body["InstanceType"])
    if kind is None or kind.usd_per_hour is None:
        return None
    return kind.usd_per_hour * (SPOT_PRICE_SHARE if body.get("InstanceLifecycle") == "spot" else 1.0)


def begin(body: Body, now: datetime) -> None:
    """It is running from now on."""
    body["bill"] = {**_closed(body), "since": stamp(now), "until": stamp(now)}


def go_on(body: Body, now: datetime) -> None:
    """It is still running: whatever ends the platform without a word, what was spent so far is known."""
    if "since" in body.get("bill", {}):
        body["bill"]["until"] = stamp(now)


def end(body: Body) -> None:
    """It ran until `go_on` was last told."""
    body["bill"] = _closed(body)


def usd_this_month(body: Body, now: datetime) -> float:
    """Return the USD of the month that it is; 0 where nobody knows the price.

    Worked example: a t3.micro (0.0104 USD per hour) that ran for 20 s and, once more, for an hour: 3,660 s,
    0.010573 USD.
    """
    return paid_periods.of_month(_closed(body), now)


def _closed(body: Body) -> Body:
    bill: Body = body.get("bill", {})
    if "since" not in bill:
        return bill
    since, until = (datetime.fromisoformat(bill[name]) for name in ("since", "until"))
    return paid_periods.added(bill, (usd_per_hour(body) or 0.0) / _HOUR_S, since, until)
