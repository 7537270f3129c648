"""Later: services that are loaded when they are first called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sagehen.api.operation import BoundOperation


async def _nothing(service: str) -> Sequence[BoundOperation]:
    raise LookupError(service)


@dataclass(frozen=True, slots=True)
class Later:
    """Services of which only the names are known.

    Args:
        names: The declared operations by service.
        load: Loads a service, and returns what it declares, maybe with what came along.
    """

    names: Mapping[str, Collection[str]] = field(default_factory=dict)
    load: Callable[[str], Awaitable[Sequence[BoundOperation]]] = _nothing
