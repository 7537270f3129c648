"""Offer: what can be had of one instance type."""

from __future__ import annotations

from dataclasses import dataclass

# AWS's account limits are counted in thousands at the most; more than any machine of ours takes.
MOST_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be had of one instance type.

    Args:
        instance_type: Such as `ml.m5.large`.
        available: Whether a new instance comes up; not, as where AWS has none left in the region.
        limit: The account's quota of this type, for each use of its own (training jobs, spot training jobs,
            warm pools, endpoints, notebook instances), in each region; None where the operator set none.
    """

    instance_type: str
    available: bool = True
    limit: int | None = None

    @property
    def is_usual(self) -> bool:
        """Whether there is nothing to say of it."""
        return self.available and self.limit is None
