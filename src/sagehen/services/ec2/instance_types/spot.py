"""What a machine would cost on Spot, as far as anybody can tell from here.

AWS's prices follow its spare capacity; there is none to follow here. A third of the list price is what its
own pages show for most types (`up to 90 %` off, from memory); it stands still.
"""

from __future__ import annotations

from sagehen.executors.hardware.instance_types import InstanceType

_SHARE = 1 / 3


def spot_price(kind: InstanceType) -> str | None:
    """Return USD per hour with six digits behind the point; None where we do not know the list price."""
    return None if kind.usd_per_hour is None else f"{kind.usd_per_hour * _SHARE:.6f}"
