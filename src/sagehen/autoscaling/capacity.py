"""Capacity of a scalable target, and what its owner allows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capacity:
    """Counted in units of the scalable dimension: instances, copies, environments.

    Args:
        current: What the target was last told to have; what is still starting counts.
        minimum: The scalable target's MinCapacity.
        maximum: Its MaxCapacity.
    """

    current: int
    minimum: int
    maximum: int

    def bounded(self, wanted: int) -> int:
        """Return `wanted`, moved into the bounds."""
        return max(self.minimum, min(self.maximum, wanted))


@dataclass(frozen=True, slots=True)
class Suspended:
    """SuspendedState: which activities its owner has stopped. Alarms go on meanwhile."""

    dynamic_in: bool = False
    dynamic_out: bool = False
    scheduled: bool = False
