"""Needs: what a copy requires of an instance, and what an instance has. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Needs:
    """Of one copy what is reserved for it, of an instance type all that there is, in AWS's nominal figures.

    Args:
        cpus: Cores.
        memory_mb: MinMemoryRequiredInMb.
        accelerators: Devices.
    """

    cpus: float = 0.0
    memory_mb: int = 0
    accelerators: int = 0

    def fits(self, room: Needs) -> bool:
        """Tell whether there is room for it."""
        return (
            # Quarters of cores add up exactly; whatever else people write may not.
            self.cpus <= room.cpus + 1e-9
            and self.memory_mb <= room.memory_mb
            and self.accelerators <= room.accelerators
        )

    def without(self, taken: Needs) -> Needs:
        """Return what is left where something is taken."""
        return Needs(
            self.cpus - taken.cpus,
            self.memory_mb - taken.memory_mb,
            self.accelerators - taken.accelerators,
        )


def left_of(room: Needs, taken: Iterable[Needs]) -> Needs:
    """Return what is left of an instance."""
    for needs in taken:
        room = room.without(needs)
    return room
