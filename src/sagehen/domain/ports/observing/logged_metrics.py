"""What log events say of metrics. Between CloudWatch Logs and CloudWatch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class LoggedDatum:
    """Observations of one moment.

    Args:
        scope: Whose metric it is.
        namespace: As the filter or the event names it; `AWS/Logs` for what Logs says of itself.
        values: Each within what CloudWatch takes, -2^360 to 2^360.
        at_s: Seconds since the epoch.
        unit: As CloudWatch spells it.
        resolution_s: 60, or 1 for what is kept by the second.
    """

    scope: Scope
    namespace: str
    name: str
    values: Sequence[float]
    at_s: float
    unit: str = "None"
    dimensions: Mapping[str, str] = field(default_factory=dict)
    resolution_s: int = 60


class LoggedMetrics(Protocol):
    """Takes what log events say of metrics, each event once, also across `kill -9`.

    Events come in the order of their marks. A mark is stored with the data in one transaction: whoever shows
    an event again, because it died before it could note that it had, finds it taken.
    """

    def taken(self) -> int:
        """Return the mark up to which events are taken; 0 in the beginning."""
        ...

    async def take(self, data: Sequence[LoggedDatum], upto: int) -> None:
        """Store what the events up to the mark `upto` say; nothing happens where they are taken already."""
        ...
