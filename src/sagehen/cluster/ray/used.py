"""UsedRay: what a cluster needs of the Ray that says where there is room, its own or somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sagehen.cluster.placement.places import Reserves
from sagehen.cluster.streams import Handler


class NotOurs(Exception):
    """A machine is no node of this platform's Ray; the message is shown there as it is."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a machine has for instances."""

    cpus: int
    memory_mib: int
    gpus: int


class UsedRay(Protocol):
    """Says where there is room, and which nodes there are.

    Attributes:
        places_here: Whether the platform's own machine takes what others could; else it has what must be
            on it.
    """

    places_here: bool

    @property
    def problem(self) -> str | None:
        """Why nothing, or not everything, is placed now; None: all is well."""
        ...

    @property
    def reserves(self) -> Reserves: ...

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """What its nodes may open here besides."""
        ...

    def begin(self) -> None:
        """Come up, in one's own time: who wants a place waits for it."""
        ...

    def enlisted(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a node is told that has said what it is.

        Raises:
            NotOurs
        """
        ...

    async def leave(self) -> None:
        """Let nodes go, while their links are there still."""
        ...

    async def close(self) -> None:
        """End what was begun."""
        ...
