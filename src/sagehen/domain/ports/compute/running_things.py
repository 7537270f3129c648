"""What runs now that is paid for by the time it runs: between services and the console's ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class Running:
    """Something that runs.

    Args:
        scope: Account and region.
        kind: `endpoint`, `notebook-instance`, `function`.
        name: Of the resource.
        part: Of an endpoint its variant, of a function its version or alias; '' for all of it.
        type: What is paid for: an instance type, or `GB`.
        count: Instances, or GB.
        since: When it began, as far as is known.
    """

    scope: Scope
    kind: str
    name: str
    part: str
    type: str
    count: float
    since: datetime


class RunningThings(Protocol):
    """Tells of a service's own."""

    def running(self) -> Iterable[Running]:
        """Yield what runs now, of every account."""
        ...
