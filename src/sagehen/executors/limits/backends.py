"""Limits of one sandbox behind one interface: cgroup v2, cgroup v1, or rlimits and a watchdog."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import psutil

from sagehen.executors.base import Limits, SandboxSpec, Usage
from sagehen.executors.limits.delegation import base_of, share_out
from sagehen.executors.limits.descendants import descendants, proportional_bytes, resident_bytes
from sagehen.executors.limits.processors import Processors, hold_to

_MIB = 1024 * 1024
_PERIOD_US = 100_000
CGROUP_ROOT = Path("/sys/fs/cgroup")


class LimitGroup(ABC):
    """The limits of one sandbox. Made before its process; `release` undoes everything."""

    # Files into which the first process writes `0` (itself) before it runs the user's code.
    entry_files: tuple[Path, ...] = ()

    @abstractmethod
    def apply(self, limits: Limits) -> None:
        """Set the limits, once, before anything of the user's runs."""

    @abstractmethod
    def is_over_memory(self, pid: int) -> bool:
        """Tell whether the memory limit was overrun. `pid`: the sandbox's first process."""

    @abstractmethod
    def usage(self, pid: int) -> Usage: ...

    def release(self) -> None:  # noqa: B027 - most back ends have something to undo, the watchdog has not
        """Leave nothing behind; the processes have ended."""

    def inner_rlimits(self) -> dict[str, int]:
        """Limits to set by `prlimit` inside, by its option's name."""
        return {}


class LimitBackend(ABC):
    """Makes limit groups."""

    name: str
    # The folders below which all of its groups lie.
    parents: tuple[Path, ...] = ()

    @abstractmethod
    def create(self, name: str) -> LimitGroup:
        """Make a group, without limits as yet."""


class CgroupGroup(LimitGroup):
    """Limits in one or more cgroup folders (v1 has one per controller)."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = tuple(folders)
        self._watched_bytes: int | None = None
        self.entry_files = tuple(folder / "cgroup.procs" for folder in self.folders)
        self._last = Usage(0.0, 0, 0)

    def apply(self, limits: Limits) -> None:
        # Where files in /tmp are no memory, the kernel's limit is too wide and this one is watched.
        self._watched_bytes = None if limits.tmp_is_memory else limits.memory_mib * _MIB

    def release(self) -> None:
        for folder in self.folders:
            remove_cgroup(folder)

    def _memory(self, current: str, peak: str) -> tuple[int, int, int]:
        folder = self.folders[0]
        used, highest = _number(folder / current), _number(folder / peak)
        # The page cache of files read is not the job's to answer for.
        cache = _counters(folder / "memory.stat")
        inactive = cache.get("total_inactive_file", cache.get("inactive_file", 0))
        return max(0, used - inactive), highest, cache.get("total_rss", cache.get("anon", 0))

    def _is_over_watched(self, pid: int) -> bool:
        return self._watched_bytes is not None and self.usage(pid).anonymous_bytes > self._watched_bytes


class CgroupV1Group(CgroupGroup):
    """memory, cpu, pids and cpuacct in hierarchies of their own; `folders[0]` is memory's."""

    def apply(self, limits: Limits) -> None:
        super().apply(limits)
        memory, cpu, pids, _ = self.folders
        limit = _kernel_limit(limits)
        (memory / "memory.limit_in_bytes").write_text(str(limit))
        with contextlib.suppress(OSError):  # absent without swap accounting
            (memory / "memory.memsw.limit_in_bytes").write_text(str(limit))
        (cpu / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
        (cpu / "cpu.cfs_quota_us").write_text(str(_quota_us(limits)))
        (cpu / "cpu.shares").write_text(str(max(2, round(1024 * limits.cpu_weight))))
        (pids / "pids.max").write_text(str(limits.processes))

    def is_over_memory(self, pid: int) -> bool:
        killed = _counters(self.folders[0] / "memory.oom_control").get("oom_kill", 0) > 0
        return killed or self._is_over_watched(pid)

    def usage(self, pid: int) -> Usage:
        memory, peak, anonymous = self._memory("memory.usage_in_bytes", "memory.max_usage_in_bytes")
        cpu_s = _number(self.folders[-1] / "cpuacct.usage") / 1e9
        if self.folders[0].exists():
            self._last = Usage(cpu_s, memory, max(peak, self._last.peak_bytes), anonymous)
        return self._last


class CgroupV2Group(CgroupGroup):
    def apply(self, limits: Limits) -> None:
        super().apply(limits)
        folder = self.folders[0]
        (folder / "memory.max").write_text(str(_kernel_limit(limits)))
        for file, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
            with contextlib.suppress(OSError):  # kernels without swap or before 4.19
                (folder / file).write_text(value)
        (folder / "cpu.max").write_text(f"{_quota_us(limits)} {_PERIOD_US}")
        (folder / "cpu.weight").write_text(str(min(10000, max(1, round(100 * limits.cpu_weight)))))
        (folder / "pids.max").write_text(str(limits.processes))

    def is_over_memory(self, pid: int) -> bool:
        killed = _counters(self.folders[0] / "memory.events").get("oom_kill", 0) > 0
        return killed or self._is_over_watched(pid)

    def usage(self, pid: int) -> Usage:
        memory, peak, anonymous = self._memory("memory.current", "memory.peak")
        cpu_s = _counters(self.folders[0] / "cpu.stat").get("usage_usec", 0) / 1e6
        if self.folders[0].exists():
            # memory.peak came with Linux 5.19; before it the highest seen stands in.
            self._last = Usage(cpu_s, memory, max(peak, memory, self._last.peak_bytes), anonymous)
        return self._last


class CgroupV1Backend(LimitBackend):
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
        own = _own_cgroups()
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
            _remove_all(parents.values())
            return None
        return cls(parents)

    def create(self, name: str) -> CgroupV1Group:
        folders = [self._parents[controller] / _safe(name) for controller in self.controllers]
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        return CgroupV1Group(folders)


class CgroupV2Backend(LimitBackend):
    name = "cgroup v2"

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self.parents = (parent,)

    @classmethod
    def probe(cls, group: str, root: Path = CGROUP_ROOT) -> CgroupV2Backend | None:
        """Return a back end below the platform's own cgroup (delegated by systemd) or the root, or None."""
        own = _own_cgroups().get("", "/").lstrip("/")
        for base in dict.fromkeys((base_of(root / own), root)):
            parent = base / group
            # Hybrid machines mount v2 without the controllers that we need.
            if not {"memory", "cpu", "pids"} <= _words(base / "cgroup.controllers"):
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
        folder = self._parent / _safe(name)
        folder.mkdir(parents=True, exist_ok=True)
        return CgroupV2Group([folder])


class WatchdogGroup(LimitGroup):
    """No cgroups: rlimits inside, processor affinity, and sums over the process tree from outside."""

    def __init__(self, processors: Processors | None = None) -> None:
        self._limits = Limits(cpus=1, memory_mib=0)
        self._last = Usage(0.0, 0, 0)
        self._resident = 0
        self._processors = processors or Processors()
        self._held_to: tuple[int, ...] = ()

    def apply(self, limits: Limits) -> None:
        self._limits = limits
        self._held_to = self._processors.take(max(1, round(limits.cpus)))

    def release(self) -> None:
        held_to, self._held_to = self._held_to, ()
        self._processors.give_back(held_to)

    def inner_rlimits(self) -> dict[str, int]:
        # Counted per uid, so it is only exact where each sandbox has a host uid of its own.
        return {"nproc": self._limits.processes}

    def is_over_memory(self, pid: int) -> bool:
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
    name = "rlimits and a watchdog"

    def __init__(self) -> None:
        self._processors = Processors()

    def create(self, name: str) -> WatchdogGroup:
        return WatchdogGroup(self._processors)


def best_backend(group: str) -> LimitBackend:
    """Return the strongest back end that this machine lets us use."""
    return CgroupV2Backend.probe(group) or CgroupV1Backend.probe(group) or WatchdogBackend()


def remove_groups(backend: LimitBackend) -> None:
    """Remove every group and what they lie in."""
    _remove_all(backend.parents)


def remove_left_groups(backend: LimitBackend, record: Path) -> None:
    """Remove what an earlier life left, before the first group of this one is made.

    Sandboxes' own groups are in their records; those of spares, and of starts that were cut off, are not.
    A group that is used a second time would tell of the first one's overrun.

    Args:
        record: Where `parents` are kept for the next life, which may stand in another cgroup.
    """
    earlier = {Path(line) for line in record.read_text().splitlines()} if record.exists() else set()
    for parent in earlier.difference(backend.parents):
        remove_cgroup(parent)
    for parent in backend.parents:
        for group in parent.iterdir() if parent.is_dir() else ():
            if group.is_dir():
                remove_cgroup(group)
    record.write_text("".join(f"{parent}\n" for parent in backend.parents))


def remove_cgroup(folder: Path, patience_s: float = 1.0) -> None:
    """Kill what is in a cgroup and remove it with everything below. Absent is fine."""
    deadline = time.monotonic() + patience_s
    while folder.is_dir():
        for inner in folder.iterdir():
            if inner.is_dir():
                remove_cgroup(inner, patience_s)
        with contextlib.suppress(OSError):
            for pid in (folder / "cgroup.procs").read_text().split():
                # 0 stands for a process of an outer pid namespace; killing 0 would kill ourselves.
                if int(pid) > 0 and int(pid) != os.getpid():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(pid), signal.SIGKILL)
        try:
            folder.rmdir()
        except OSError:  # processes just killed are still counted until they are reaped
            if time.monotonic() > deadline:
                return
            time.sleep(0.005)


def clamped_open_files(wanted: int) -> int:
    """Return `wanted`, or the platform's own hard limit where that is lower."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def inner_rlimits(spec: SandboxSpec, group: LimitGroup) -> dict[str, int]:
    """Return every rlimit of a sandbox, by its name in `prlimit`."""
    limits = spec.limits
    rlimits = {"core": 0, "nofile": clamped_open_files(spec.open_files), **group.inner_rlimits()}
    if limits.disk_mib is not None:
        # One file alone is stopped at once. Files in memory are files as well: they keep their own limits.
        rlimits["fsize"] = max(limits.disk_mib, limits.tmp_mib, limits.shm_mib) * _MIB
    return rlimits


def _kernel_limit(limits: Limits) -> int:
    return (limits.memory_mib + (0 if limits.tmp_is_memory else limits.tmp_mib)) * _MIB


def _quota_us(limits: Limits) -> int:
    return max(1000, int(limits.cpus * _PERIOD_US))


def _safe(name: str) -> str:
    return quote(name, safe="")


def _own_cgroups() -> dict[str, str]:
    """Return controller -> path of our own cgroup; the key of v2 is empty."""
    own: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            own.update(dict.fromkeys(controllers.split(","), path))
    return own


def _remove_all(folders: Iterable[Path]) -> None:
    for folder in folders:
        remove_cgroup(folder)


def _words(file: Path) -> set[str]:
    try:
        return set(file.read_text().split())
    except OSError:
        return set()


def _number(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return 0


def _counters(file: Path) -> dict[str, int]:
    """Parse a file of `name number` lines; empty where it is gone."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split() for line in lines)
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
