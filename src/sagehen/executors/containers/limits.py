"""What a container uses, read where the kernel counts it: its engine set the limits, and answers late."""

from __future__ import annotations

from pathlib import Path

from sagehen.executors.base import Limits, Usage
from sagehen.executors.limits.cgroup import CgroupGroup
from sagehen.executors.limits.cgroup_files import CGROUP_ROOT, cgroups_of
from sagehen.executors.limits.cgroup_v1 import CgroupV1Backend, CgroupV1Group
from sagehen.executors.limits.cgroup_v2 import CgroupV2Group
from sagehen.executors.limits.group import LimitGroup
from sagehen.executors.limits.watchdog import WatchdogGroup


class ContainerLimits(LimitGroup):
    """The limits of one container, which its engine has set.

    Args:
        pid: The host's pid of its first process; 0 where it has ended already.
    """

    by_kernel = True

    def __init__(self, pid: int, limits: Limits) -> None:
        self._counted = _cgroup_of(pid) if pid else None
        self._seen = WatchdogGroup()  # where its cgroup is not to be seen
        self._last = Usage(0.0, 0, 0)
        # What the engine says when it has ended: its cgroup is gone by then.
        self.ran_out = False
        self.apply(limits)

    def apply(self, limits: Limits) -> None:
        """Note what is watched; the files of a cgroup are the engine's to write."""
        if self._counted is not None:
            self._counted.watch(limits)

    def is_over_memory(self, pid: int) -> bool:
        """Tell whether the kernel has killed for memory here, or what is watched is over."""
        return self.ran_out or (self._counted is not None and self._counted.is_over_memory(pid))

    def usage(self, pid: int) -> Usage:
        """Return what is used, and after the end what was used last."""
        if self._counted is not None:
            self._last = self._counted.usage(pid)
        else:
            self._last = self._seen.usage(pid)
        return self._last


def _cgroup_of(pid: int, root: Path = CGROUP_ROOT) -> CgroupGroup | None:
    """Return the cgroup of a process, which was put into one of its own; None where it cannot be seen."""
    paths = {controller: path.lstrip("/") for controller, path in cgroups_of(pid).items()}
    # A hybrid machine names both; the one with the controllers counts.
    older = [root / controller / paths.get(controller, "") for controller in CgroupV1Backend.controllers]
    if paths.get("memory") and (older[0] / "memory.oom_control").exists():
        return CgroupV1Group(older)
    newer = root / paths.get("", "")
    return CgroupV2Group([newer]) if paths.get("") and (newer / "memory.events").exists() else None
