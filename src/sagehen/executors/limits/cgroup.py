"""What cgroups of both versions have in common: the numbers written, and the memory counted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sagehen.executors.base import Limits, Usage
from sagehen.executors.limits.cgroup_files import counters_in, number_in, remove_cgroup
from sagehen.executors.limits.group import LimitGroup

_MIB = 1024 * 1024
# Microseconds over which a share of processors is counted: the kernel's own default (sched-bwc.rst).
PERIOD_US = 100_000


class CgroupGroup(LimitGroup):
    """Limits in one or more cgroup folders (v1 has one per controller)."""

    by_kernel = True

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = tuple(folders)
        self._watched_bytes: int | None = None
        self.entry_files = tuple(folder / "cgroup.procs" for folder in self.folders)
        self._last = Usage(0.0, 0, 0)

    def watch(self, limits: Limits) -> None:
        """Note what the kernel alone would not enforce."""
        # Where files in /tmp are no memory, the kernel's limit is too wide and this one is watched.
        self._watched_bytes = None if limits.tmp_is_memory else limits.memory_mib * _MIB

    def release(self) -> None:
        """Kill what is left in the cgroups and remove them, for a second at most each."""
        for folder in self.folders:
            remove_cgroup(folder)

    def _memory(self, current: str, peak: str) -> tuple[int, int, int]:
        folder = self.folders[0]
        used, highest = number_in(folder / current), number_in(folder / peak)
        # The page cache of files read is not the job's to answer for.
        cache = counters_in(folder / "memory.stat")
        inactive = cache.get("total_inactive_file", cache.get("inactive_file", 0))
        return max(0, used - inactive), highest, cache.get("total_rss", cache.get("anon", 0))

    def _is_over_watched(self, pid: int) -> bool:
        return self._watched_bytes is not None and self.usage(pid).anonymous_bytes > self._watched_bytes


def kernel_limit(limits: Limits) -> int:
    """Return the bytes at which the kernel ends processes: with /tmp, where that is no memory of theirs."""
    return (limits.memory_mib + (0 if limits.tmp_is_memory else limits.tmp_mib)) * _MIB


def quota_us(limits: Limits) -> int:
    """Return the processor time for each `PERIOD_US`, in us; 1,000 is the least (sched-bwc.rst)."""
    return max(1000, int(limits.cpus * PERIOD_US))
