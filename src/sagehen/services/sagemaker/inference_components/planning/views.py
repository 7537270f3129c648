"""What is observed of one endpoint's instances and copies: what `plan.py` goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sagehen.services.sagemaker.endpoint_configs.components import InstanceScaling
from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.upkeep.keeping import Failures
from sagehen.upkeep.run import Phase


@dataclass(frozen=True, slots=True)
class HostView:
    """An instance as observed.

    Args:
        host: Its id.
        variant: Whose it is.
        ready: Whether it takes copies.
        leaving: Whether it is to end: what it has moves.
        idle_since: Monotonic, since when it has had no copy; None: it has some.
    """

    host: str
    variant: str
    ready: bool = True
    leaving: bool = False
    idle_since: float | None = None


@dataclass(frozen=True, slots=True)
class CopyView:
    """A copy as observed, in the order of starts.

    Args:
        copy_id: Its id.
        component: Whose it is.
        revision: Which of its revisions it runs.
        host: Where it is.
        phase: starting, ready, stopping.
        needs: What it has reserved.
    """

    copy_id: str
    component: str
    revision: int
    host: str
    phase: Phase
    needs: Needs


@dataclass(frozen=True, slots=True)
class VariantView:
    """A variant of the endpoint's live deployment.

    Args:
        whole: What one of its instances has.
        desired: How many there are to be.
        scaling: How that follows the copies; None: it does not.
        most: More than these the endpoint may not have, whatever its scaling says.
    """

    whole: Needs
    desired: int
    scaling: InstanceScaling | None = None
    most: int = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is observed of one endpoint.

    Args:
        variants: Of its live deployment; empty where there is none, or the endpoint is being deleted.
        hosts: Its instances, the oldest first.
        copies: Those that have not ended, the oldest first.
        failures: (component, revision) -> ends in a row of its copies, with FailureReason.
        now: On the monotonic clock.
        moment: The same instant in seconds since the epoch.
        endpoint_created_at: Of the endpoint, in seconds since the epoch; 0 where there is none.
    """

    variants: Mapping[str, VariantView] = field(default_factory=dict)
    hosts: tuple[HostView, ...] = ()
    copies: tuple[CopyView, ...] = ()
    failures: Mapping[tuple[str, int], Failures] = field(default_factory=dict)
    now: float = 0.0
    moment: float = 0.0
    endpoint_created_at: float = 0.0

    @property
    def staying(self) -> frozenset[str]:
        """The instances that are not to end."""
        return frozenset(host.host for host in self.hosts if not host.leaving)
