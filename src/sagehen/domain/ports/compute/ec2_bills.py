"""What EC2's machines and volumes cost, as EC2 counts it (implemented by services/ec2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class MachineBill:
    """What an instance costs, at list prices.

    Args:
        id: Such as `i-0a…`.
        type: Such as `t3.micro`.
        spot: Whether it is a Spot instance.
        runs: Whether it is `running`; else it costs nothing now.
        since: When it was launched last.
        usd_per_hour: Now; None where nobody knows its price.
        usd_this_month: Of all its seconds since the month began, in UTC; None as above.
    """

    id: str
    type: str
    spot: bool
    runs: bool
    since: datetime
    usd_per_hour: float | None
    usd_this_month: float | None


@dataclass(frozen=True, slots=True)
class VolumeBill:
    """What a volume costs, at list prices.

    Args:
        id: Such as `vol-0a…`.
        type: Such as `gp3`.
        size_gib: How much it holds.
        is_attached: Whether an instance has it.
        since: When it was made.
        usd_per_hour: Now.
        usd_this_month: Since the month began, in UTC, or since it was made.
    """

    id: str
    type: str
    size_gib: int
    is_attached: bool
    since: datetime
    usd_per_hour: float
    usd_this_month: float


class Ec2Bills(Protocol):
    """Bills of an account in one region; who asks has been allowed to see what they are of."""

    def scopes(self) -> Sequence[Scope]:
        """Return the accounts' regions that may have any."""
        ...

    async def machines(self, scope: Scope) -> Sequence[MachineBill]:
        """Return the bills of all instances that are shown, stopped and terminated ones too."""
        ...

    async def volumes(self, scope: Scope) -> Sequence[VolumeBill]:
        """Return the bills of all volumes."""
        ...
