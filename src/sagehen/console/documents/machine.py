"""The machine: how busy it is, what runs in sandboxes, what is kept warm, what went wrong lately."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from sagehen.console.documents.asking import Ask
from sagehen.console.documents.doing import Doing
from sagehen.console.documents.times import iso
from sagehen.executors.base import Executor, ExecutorState, Sandbox, SandboxSpec
from sagehen.executors.hardware.gpus import gpu_indices

# Of sandboxes that are described one by one; each is a few files of the kernel's to read.
_MOST_SANDBOXES = 500
# Without an earlier look to compare with, there is nothing to tell of the processors.
_FIRST_LOOK_S = 0.1


class Machine:
    """Makes the document. It is about the whole machine, whose account it ever be.

    Args:
        executor: What runs.
        folder: The data folder.
        doing: Tells what only the platform knows.
    """

    def __init__(self, executor: Executor, folder: Path, doing: Callable[[], Doing]) -> None:
        self._executor = executor
        self._folder = folder
        self._doing = doing
        self._process = psutil.Process()
        self._process.cpu_percent()
        self._pause_s: float | None = _FIRST_LOOK_S

    async def __call__(self, ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the state of the machine now."""
        doing, state = self._doing(), self._executor.state()
        # A busy kernel takes milliseconds for each of these files.
        measured = await asyncio.to_thread(self._measured, state)
        self._pause_s = None
        return {
            "now": iso(ask.now),
            "version": doing.version,
            "began": iso(doing.began),
            "timeScale": doing.time_scale,
            **measured,
            "connections": {"open": doing.connections[0], "limit": doing.connections[1]},
            "errors": [
                {"at": iso(one.at), "level": one.level, "logger": one.logger, "message": one.message}
                for one in doing.errors
            ],
            "isolation": doing.sandboxes,
            "limits": state.limits,
        }

    def _measured(self, state: ExecutorState) -> Mapping[str, Any]:
        return {
            "host": host(self._pause_s),
            "platform": self._platform(),
            "disk": disk(self._folder),
            "sandboxes": [sandbox(spec, one) for spec, one in state.running[:_MOST_SANDBOXES]],
            "sandboxCount": len(state.running),
            "warm": [
                {"name": warm.name, "children": warm.children, "memoryBytes": resident(warm.pid)}
                for warm in state.warm
            ],
        }

    def _platform(self) -> Mapping[str, Any]:
        with self._process.oneshot():
            return {
                "pid": self._process.pid,
                "cpuPercent": self._process.cpu_percent(),
                "memoryBytes": self._process.memory_info().rss,
                "threads": self._process.num_threads(),
                "openFiles": self._process.num_fds(),
                "openFilesLimit": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            }


def host(pause_s: float | None = None) -> Mapping[str, Any]:
    """Return what there is of processors and memory, and how much of it is in use.

    `cpuPercent` is of all processors, since this was last asked.

    Args:
        pause_s: For so many seconds to look at them first, where nobody has asked yet.
    """
    cpu_percent = psutil.cpu_percent(interval=pause_s)
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "gpus": len(gpu_indices()),
        "load": [round(one, 2) for one in os.getloadavg()],
        "cpuPercent": cpu_percent,
        "memoryBytes": memory.total,
        "memoryAvailableBytes": memory.available,
        "swapBytes": swap.total,
        "swapUsedBytes": swap.used,
    }


def disk(folder: Path) -> Mapping[str, Any]:
    """Return the size of the disk that holds the data, and what is left of it."""
    found = shutil.disk_usage(folder)
    return {"totalBytes": found.total, "freeBytes": found.free}


def sandbox(spec: SandboxSpec, one: Sandbox) -> Mapping[str, Any]:
    """Return what one sandbox uses, and may use."""
    usage = one.usage()
    return {
        "name": spec.name,
        "pid": one.pid,
        "cpuSeconds": round(usage.cpu_s, 3),
        "cpus": spec.limits.cpus,
        "memoryBytes": usage.memory_bytes,
        "peakMemoryBytes": usage.peak_bytes,
        "memoryLimitBytes": spec.limits.memory_mib << 20,
        "warmParent": spec.warm_parent,
    }


def resident(pid: int) -> int | None:
    """Return a process's memory in bytes; None where it is gone."""
    try:
        size: int = psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return None
    return size
