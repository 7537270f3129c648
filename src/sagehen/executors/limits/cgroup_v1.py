"""Limits by cgroup version 1: a hierarchy per controller."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sagehen.executors.base import Limits, Usage
from sagehen.executors.limits.cgroup import PERIOD_US, CgroupGroup, kernel_limit, quota_us
from sagehen.executors.limits.cgroup_files import (
    CGROUP_ROOT,
    cgroups_of,
    counters_in,
    folder_name,
    number_in,
    remove_cgroups,
)
from sagehen.executors.limits.group import LimitBackend


class CgroupV1Group(CgroupGroup):
    """memory, cpu, pids and cpuacct in hierarchies of their own; `folders[0]` is memory's."""

    def apply(self, limits: Limits) -> None:
        """Write the limits, memory first: the sum with swap may not be below it.

        Raises:
            OSError: A file is not ours to write.
        """
        self.watch(limits)
        memory, cpu, pids, _ = self.folders
        limit = kernel_limit(limits)
        (memory / "memory.limit_in_bytes").write_text(str(limit))
        with contextlib.suppress(OSError):  # absent without swap accounting
            (memory / "memory.memsw.limit_in_bytes").write_text(str(limit))
        (cpu / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (cpu / "cpu.cfs_quota_us").write_text(str(quota_us(limits)))
        (cpu / "cpu.shares").write_text(str(max(2, round(1024 * limits.cpu_weight))))
        (pids / "pids.max").write_text(str(limits.processes))

    def is_over_memory(self, pid: int) -> bool:
        """Tell whether the kernel has killed for memory here, or what is watched is over."""
        killed = counters_in(self.folders[0] / "memory.oom_control").get("oom_kill", 0) > 0
        return killed or self._is_over_watched(pid)

    def usage(self, pid: int) -> Usage:
        """Return what the counters say, and after the end what they said last."""
        memory, peak, anonymous = self._memory("memory.usage_in_bytes", "memory.max_usage_in_bytes")
        cpu_s = number_in(self.folders[-1] / "cpuacct.usage") / 1e9
        if self.folders[0].exists():
            self._last = Usage(cpu_s, memory, max(peak, self._last.peak_bytes), anonymous)
        return self._last


class CgroupV1Backend(LimitBackend):
    """Makes a cgroup in each of four hierarchies.

    Args:
        parents: By controller, the folder below which the groups lie.
    """

    name = "cgroup v1"
    controllers = ("memory", "cpu", "pids", "cpuacct")

    def __init__(self, parents: dict[str, Path]) -> None:
        self._parents = parents
        self.parents = tuple(parents.values())

    @classmethod
    def probe(cls, group: str, root: Path = CGROUP_ROOT) -> CgroupV1Backend | None:
        """Return a back end whose cgroups live below the platform's own, or None.

        Args:
            group: Name of the one parent of all of this executor's cgroups, such as `sagehen-1a2b`.
            root: Where the controllers are mounted.
        """
        parents = {}
        own = cgroups_of()
        for controller in cls.controllers:
            mounted = root / controller
            folder = mounted / own.get(controller, "/").lstrip("/")
            # Inside a container, /proc/self/cgroup may name the host's path, which is not visible.
            parents[controller] = (folder if folder.is_dir() else mounted) / group
        # A made folder must be a cgroup; on anything else nothing is to be made.
        if not all((parent.parent / "cgroup.procs").exists() for parent in parents.values()):
            return None
        try:
            for parent in parents.values():
                parent.mkdir(exist_ok=True)
        except OSError:
            remove_cgroups(parents.values())
            return None
        return cls(parents)

    def create(self, name: str) -> CgroupV1Group:
        """Make the four folders; an existing one is used again."""
        folders = [self._parents[controller] / folder_name(name) for controller in self.controllers]
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        return CgroupV1Group(folders)
