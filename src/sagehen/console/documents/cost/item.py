"""Item: one resource with its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.console.documents.times import iso
from sagehen.executors.hardware.instance_types import lookup


@dataclass(frozen=True, slots=True)
class Item:
    """What one resource costs.

    Args:
        kind: Such as `endpoint`, `training-job`, `instance`, `volume`.
        name: Of the resource; AWS's id for EC2.
        what: What is paid for, such as `2 × ml.m5.large`.
        usd_per_hour: Now; 0 for what runs no more; None where we do not know a price.
        usd_this_month: From the month's first moment until now.
        since: Since when it has been so.
        idle: Why it is thought to be for nothing; '' where it is not.
    """

    kind: str
    name: str
    what: str
    usd_per_hour: float | None
    usd_this_month: float | None
    since: datetime | None = None
    idle: str = ""

    def told(self) -> Mapping[str, Any]:
        """Return it as the document has it; dollars are rounded to a ten-thousandth of a cent."""
        return {
            "kind": self.kind,
            "name": self.name,
            "what": self.what,
            "usdPerHour": _rounded(self.usd_per_hour),
            "usdThisMonth": _rounded(self.usd_this_month),
            "since": None if self.since is None else iso(self.since),
            "idle": self.idle,
        }


@dataclass(frozen=True, slots=True)
class Month:
    """The month so far. `start` is its first moment in UTC, `end` the first of the next, by the platform's
    clock."""

    start: datetime
    now: datetime
    end: datetime

    @classmethod
    def of(cls, now: datetime) -> Month:
        """Return the month of a moment."""
        start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        following = (start.year + start.month // 12, start.month % 12 + 1)
        return cls(start, now, start.replace(year=following[0], month=following[1]))

    def hours_since(self, moment: datetime | None) -> float:
        """Return the hours of this month since a moment, or since its start where that is later."""
        since = self.start if moment is None else max(self.start, moment)
        return max(0.0, (self.now - since).total_seconds() / 3600)


def price_of(instance_type: str, count: float = 1) -> float | None:
    """Return US dollars per hour of so many instances; None for a type whose price is not known."""
    found = lookup(instance_type)
    if found is None or found.usd_per_hour is None:
        return None
    return found.usd_per_hour * count


def times(price: float | None, hours: float) -> float | None:
    """Return a price for so many hours."""
    return None if price is None else price * hours


def _rounded(dollars: float | None) -> float | None:
    return None if dollars is None else round(dollars, 6)
