"""NodeRecord: what is known of one node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

State = Literal["starting", "ready", "draining", "unreachable", "lost", "left"]


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """One node, the platform's own machine too.

    Args:
        name: In the cluster; out of its certificate.
        address: By which other nodes reach it.
        host: What it calls itself.
        cpus, memory_mib, gpus: What may be reserved there.
        since: When it was first linked in this life of the platform; seconds since the epoch.
        seen: When it was last heard of; None: it is linked now.
        is_counted: Whether Ray counts it, as it was last told; it tells nothing where nothing changed.
        is_draining: Whether it takes nothing new.
        has_left: Whether it said that it goes.
    """

    name: str
    address: str = ""
    host: str = ""
    cpus: float = 0.0
    memory_mib: int = 0
    gpus: int = 0
    since: float = 0.0
    seen: float | None = None
    is_counted: bool = False
    is_draining: bool = False
    has_left: bool = False

    def state(self, now: float, lost_after_s: float) -> State:
        """Return what can be expected of it.

        Args:
            lost_after_s: For how long it keeps what runs while it hears nothing.
        """
        if self.has_left:
            return "left"
        if self.seen is not None:
            return "unreachable" if now - self.seen < lost_after_s else "lost"
        if self.is_draining:
            return "draining"
        return "ready" if self.is_counted else "starting"

    def document(self, now: float, lost_after_s: float) -> dict[str, Any]:
        """Return it as it is told to the operator; see `state`."""
        return {
            "Name": self.name,
            "State": self.state(now, lost_after_s),
            "Address": self.address,
            "Host": self.host,
            "Processors": self.cpus,
            "MemoryMiB": self.memory_mib,
            "GPUs": self.gpus,
            "Since": self.since,
            "LastSeen": now if self.seen is None else self.seen,
        }

    @property
    def may_take(self) -> bool:
        """Whether instances may be placed there, once Ray counts it."""
        return self.seen is None and not self.is_draining and not self.has_left

    @property
    def gives_up(self) -> bool:
        """Whether what runs there is to run elsewhere, as far as it can be moved."""
        return self.seen is None and self.is_draining and not self.has_left

    @property
    def takes_more(self) -> bool:
        """Whether instances may be placed there now."""
        return self.may_take and self.is_counted
