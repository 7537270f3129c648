"""How many instances a variant has for its components: managed instance scaling. Pure.

Worked example: 1 to 4 instances, and 2 are there, with copies on both. A third component's two copies need an
empty instance each: 4 are wanted. When it is deleted two are empty; five minutes later 2 are wanted again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sagehen.services.sagemaker.inference_components.component import Placement
from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.services.sagemaker.inference_components.planning.placement import more_hosts
from sagehen.services.sagemaker.inference_components.planning.views import HostView, VariantView

# Ours, on the platform's clock. AWS names none; somebody measured 12 minutes from no copies to no instances.
IDLE_S = 300.0


@dataclass(frozen=True, slots=True)
class HostCount:
    """Args:
    count: Of instances.
    homeless: Indices of what waits for a place and will find none, however many may be started.
    wake_at: When an empty instance will have been so for long enough; monotonic.
    """

    count: int
    homeless: tuple[int, ...] = ()
    wake_at: float | None = None


def wanted(
    variant: VariantView,
    there: Sequence[HostView],
    busy: Collection[str],
    waiting: Sequence[tuple[str, Needs, Placement]],
    now: float,
) -> HostCount:
    """Return how many instances a variant is to have.

    Args:
        there: Its instances but those that leave.
        busy: Those with copies, or for which copies wait.
        waiting: (component, needs, placement) of copies for which these have no room.
    """
    scaling = variant.scaling
    coming = max(0, variant.desired - len(there))
    if scaling is None:
        # What is desired is still coming: then it has room in a moment, or not.
        _, left = more_hosts(waiting, variant.whole, coming)
        return HostCount(variant.desired, tuple(left))
    most = min(scaling.most, variant.most)
    added, left = more_hosts(waiting, variant.whole, max(coming, most - len(there)))
    if added:
        return HostCount(max(variant.desired, len(there) + added), tuple(left))
    idle = [host for host in there if host.host not in busy and host.idle_since is not None]
    ends = sorted(host.idle_since + IDLE_S for host in idle if host.idle_since is not None)
    spare = max(0, variant.desired - scaling.least)
    released = min(sum(at <= now for at in ends), spare)
    count = max(scaling.least, variant.desired - released)
    later = [at for at in ends if at > now] if spare > released else []
    return HostCount(count, tuple(left), min(later, default=None))
