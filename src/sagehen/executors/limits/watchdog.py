"""Limits without cgroups: rlimits, processors that are held to, and a watch from outside."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import psutil

from sagehen.executors.base import Limits, Usage
from sagehen.executors.limits.descendants import descendants, proportional_bytes, resident_bytes
from sagehen.executors.limits.group import LimitBackend, LimitGroup
from sagehen.executors.limits.processors import Processors, hold_to

_MIB = 1024 * 1024


class WatchdogGroup(LimitGroup):
    """No cgroups: rlimits inside, processor affinity, and sums over the process tree from outside."""

    def __init__(self, processors: Processors | None = None) -> None:
        self._limits = Limits(cpus=1, memory_mib=0)
        self._last = Usage(0.0, 0, 0)
        self._resident = 0
        self._processors = processors or Processors()
        self._held_to: tuple[int, ...] = ()

    def apply(self, limits: Limits) -> None:
        """Note the limits and take processors; the next look holds every process to them."""
        self._limits = limits
        self._held_to = self._processors.take(max(1, round(limits.cpus)))

    def release(self) -> None:
        """Give the processors back; twice does no harm."""
        held_to, self._held_to = self._held_to, ()
        self._processors.give_back(held_to)

    def inner_rlimits(self) -> dict[str, int]:
        """Return the limit of processes."""
        # Counted per uid, so it is only exact where each sandbox has a host uid of its own.
        return {"nproc": self._limits.processes}

    def is_over_memory(self, pid: int) -> bool:
        """Look at every process: hold it to its processors, and add up what all of them have in memory."""
        pids = list(descendants(pid))
        for each in pids if self._held_to else ():
            hold_to(each, self._held_to)
        # Shares of pages take milliseconds to add up: only where they can be too much, or have changed.
        resident, limit = sum(map(resident_bytes, pids)), self._limits.memory_mib * _MIB
        if resident > limit or abs(resident - self._resident) >= _MIB:
            self._resident = resident
            self._measure(pids)
        return self._last.memory_bytes > limit

    def usage(self, pid: int) -> Usage:
        """Measure now. Takes milliseconds: pages that several processes have are counted in part."""
        return self._measure(descendants(pid))

    def _measure(self, pids: Iterable[int]) -> Usage:
        memory, cpu_s = 0, 0.0
        for pid in pids:
            with contextlib.suppress(psutil.Error, OSError):
                process = psutil.Process(pid)
                memory += proportional_bytes(process)
                times = process.cpu_times()
                cpu_s += times.user + times.system
        # The time of processes that have ended is lost to us; it never goes backwards at least.
        peak = max(memory, self._last.peak_bytes)
        self._last = Usage(max(cpu_s, self._last.cpu_s), memory, peak, memory)
        return self._last


class WatchdogBackend(LimitBackend):
    """Needs nothing of the machine. One for all sandboxes, as it shares processors out."""

    name = "rlimits and a watchdog"

    def __init__(self) -> None:
        self._processors = Processors()

    def create(self, name: str) -> WatchdogGroup:
        """Make a group; nothing exists of it outside of this process."""
        return WatchdogGroup(self._processors)
