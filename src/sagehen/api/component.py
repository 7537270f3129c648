"""ServiceComponent: the life of a service inside the platform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from sagehen.api.operation import Service


@runtime_checkable
class ServiceComponent(Protocol):
    """What `services/<name>/service.py` builds and `app` starts, recovers and stops.

    A constructor gets everything passed in (database, clock, ids, ports) and does no I/O but its
    own `database.migrate(...)`.
    """

    @property
    def services(self) -> Sequence[Service]:
        """The AWS services that it implements (`sts` comes with `iam`)."""
        ...

    async def start(self) -> None:
        """Recover what an earlier life left in the records, then start background tasks."""
        ...

    async def stop(self) -> None:
        """End background tasks and what they run; records stay, so that `start` brings it back."""
        ...

    async def reset(self) -> None:
        """Forget everything held in memory and end what runs; the tables were emptied before."""
        ...
