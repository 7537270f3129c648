"""What is observed of one endpoint's hosts and copies, and what is to be done: the words of `plan.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sagehen.services.sagemaker.endpoint_configs.components import InstanceScaling
from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.upkeep import failures as ends
from sagehen.upkeep.run import Phase

# Ends in a row of the copies of one revision, with FailureReason.
Failures = ends.Failures[str]


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
class StartCopy:
    """One more copy of a revision, on an instance."""

    component: str
    revision: int
    host: str


@dataclass(frozen=True, slots=True)
class StopCopy:
    """A copy is drained and ended; it counts no longer, but has its room until it has ended."""

    copy_id: str


@dataclass(frozen=True, slots=True)
class Advance:
    """So many copies are to be the pending revision's."""

    component: str
    moved: int


@dataclass(frozen=True, slots=True)
class Bake:
    """A batch is in service: its alarms are watched from now on for a while."""

    component: str


@dataclass(frozen=True, slots=True)
class Promote:
    """The pending revision is the live one."""

    component: str


@dataclass(frozen=True, slots=True)
class RollBack:
    """The pending revision is given up."""

    component: str
    reason: str


@dataclass(frozen=True, slots=True)
class Revert:
    """A change of the count is given up: the component keeps what is ready."""

    component: str
    ready: int
    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """A component that could not be created."""

    component: str
    reason: str


@dataclass(frozen=True, slots=True)
class Settle:
    """The component is what it should be: InService."""

    component: str


@dataclass(frozen=True, slots=True)
class Remove:
    """Nothing of the deleted component is left but its record."""

    component: str


@dataclass(frozen=True, slots=True)
class SetHosts:
    """A variant is to have so many instances."""

    variant: str
    count: int


Action = (
    StartCopy | StopCopy | Advance | Bake | Promote | RollBack | Revert | Fail | Settle | Remove | SetHosts
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions to take now; `wake_at` (monotonic) is when to look again without being poked."""

    actions: tuple[Action, ...] = ()
    wake_at: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is observed of one endpoint.

    Args:
        variants: Of its live deployment; empty where there is none, or the endpoint is being deleted.
        hosts: Its instances, the oldest first.
        copies: Those that have not ended, the oldest first.
        failures: (component, revision) -> ends in a row.
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
