"""Periods that are paid for by the second, 60 at least, added up in a bill of the latest month.

A bill is JSON in a resource's body: `month`, the month's first moment in UTC as answers write dates, and the
`usd` of it. Earlier months are forgotten: nobody asks for them. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sagehen.services.ec2.resources.resource import Body, stamp

_LEAST_S = 60.0


def added(bill: Mapping[str, Any], usd_per_second: float, since: datetime, until: datetime) -> Body:
    """Return the bill of the month of `until`, with one more period in it.

    Worked example: a cent per second from ten seconds before a month until a minute into it: $0.60.
    """
    month = _month_of(until)
    paid_s = max(_LEAST_S, (until - since).total_seconds())
    before_s = max(0.0, (month - since).total_seconds())
    usd = max(0.0, paid_s - before_s) * usd_per_second
    return {"month": stamp(month), "usd": of_month(bill, month) + usd}


def of_month(bill: Mapping[str, Any], moment: datetime) -> float:
    """Return the USD of the month that a moment lies in."""
    return float(bill["usd"]) if bill.get("month") == stamp(_month_of(moment)) else 0.0


def _month_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
