"""Limits by cgroup version 2: one hierarchy, shared out from above."""

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
    remove_cgroup,
    words_of,
)
from sagehen.executors.limits.delegation import base_of, share_out
from sagehen.executors.limits.group import LimitBackend


class CgroupV2Group(CgroupGroup):
    """One cgroup; source of its files: the kernel's cgroup-v2.rst."""

    def apply(self, limits: Limits) -> None:
        """Write the limits; where an overrun ends all, the whole group is killed at once.

        Raises:
            OSError: A file is not ours to write.
        """
        self.watch(limits)
        folder = self.folders[0]
        (folder / "memory.max").write_text(str(kernel_limit(limits)))
        together = "1" if limits.overrun_ends_all else "0"
        for file, value in (("memory.swap.max", "0"), ("memory.oom.group", together)):
            with contextlib.suppress(OSError):  # kernels without swap or before 4.19
                (folder / file).write_text(value)
        (folder / "cpu.max").write_text(f"{quota_us(limits)} {PERIOD_US}")
        (folder / "cpu.weight").write_text(str(min(10000, max(1, round(100 * limits.cpu_weight)))))
        (folder / "pids.max").write_text(str(limits.processes))

    def is_over_memory(self, pid: int) -> bool:
        """Tell whether the kernel has killed for memory here, or what is watched is over."""
        killed = counters_in(self.folders[0] / "memory.events").get("oom_kill", 0) > 0
        return killed or self._is_over_watched(pid)

    def usage(self, pid: int) -> Usage:
        """Return what the counters say, and after the end what they said last."""
        memory, peak, anonymous = self._memory("memory.current", "memory.peak")
        cpu_s = counters_in(self.folders[0] / "cpu.stat").get("usage_usec", 0) / 1e6
        if self.folders[0].exists():
            # memory.peak came with Linux 5.19; before it the highest seen stands in.
            self._last = Usage(cpu_s, memory, max(peak, memory, self._last.peak_bytes), anonymous)
        return self._last


class CgroupV2Backend(LimitBackend):
    """Makes a cgroup below one of ours.

    Args:
        parent: The folder below which the groups lie.
    """

    name = "cgroup v2"

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self.parents = (parent,)

    @classmethod
    def probe(cls, group: str, root: Path = CGROUP_ROOT) -> CgroupV2Backend | None:
        """Return a back end below the platform's own cgroup (delegated by systemd) or the root, or None."""
        own = cgroups_of().get("", "/").lstrip("/")
        for base in dict.fromkeys((base_of(root / own), root)):
            parent = base / group
            # Hybrid machines mount v2 without the controllers that we need.
            if not {"memory", "cpu", "pids"} <= words_of(base / "cgroup.controllers"):
                continue
            try:
                # Fails where others' processes are in `base` and it is not the root: then try the root.
                share_out(base, "+memory +cpu +pids")
                parent.mkdir(exist_ok=True)
                (parent / "cgroup.subtree_control").write_text("+memory +cpu +pids")
            except OSError:
                remove_cgroup(parent)
                continue
            return cls(parent)
        return None

    def create(self, name: str) -> CgroupV2Group:
        """Make the folder; an existing one is used again."""
        folder = self._parent / folder_name(name)
        folder.mkdir(parents=True, exist_ok=True)
        return CgroupV2Group([folder])
