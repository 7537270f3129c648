"""What a machine would cost on Spot, as far as anybody can tell from here.

A share of the list price that stands still: the same as training jobs on Spot are billed by.
"""

from __future__ import annotations

from sagehen.executors.hardware.instance_types import SPOT_PRICE_SHARE, InstanceType


def spot_price(kind: InstanceType) -> str | None:
    """Return USD per hour with six digits behind the point; None where we do not know the list price."""
    return None if kind.usd_per_hour is None else f"{kind.usd_per_hour * SPOT_PRICE_SHARE:.6f}"
