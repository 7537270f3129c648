"""What is to be done for an endpoint's components: what `plan.py` answers, and the loop carries out."""

from __future__ import annotations

from dataclasses import dataclass


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
