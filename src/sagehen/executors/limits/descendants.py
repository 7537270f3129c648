"""A process and its descendants, by the kernel's lists of children, and what memory they have.

Looking through every process of the machine, as psutil does, takes milliseconds, and whoever has no cgroups
looks four times a second for each sandbox: processors that the sandboxes are held to themselves. A list may
lack a child while another one ends; who must miss none, to end them all, does not use this.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psutil


def descendants(pid: int) -> Iterator[int]:
    """Yield `pid` and what it has started, as far as they are alive."""
    if not _has_lists():
        yield from (process.pid for process in process_tree(pid))
        return
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += _children(current)


def process_tree(pid: int) -> list[psutil.Process]:
    """Return the process and its descendants, as far as they are alive; misses none."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def resident_bytes(pid: int) -> int:
    """Return what a process has in memory, shared pages included: never less than its share, and cheap."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def end_largest(pid: int) -> None:
    """Kill the process below `pid` that has the most in memory; `pid` and its own children are spared."""
    below = [each for child in _children(pid) for each in list(descendants(child))[1:]]
    if below:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(max(below, key=resident_bytes), signal.SIGKILL)


def proportional_bytes(process: psutil.Process) -> int:
    """Return a process's share of memory: pages of several (a forked child's torch) count in part.

    Raises:
        psutil.Error: It has ended.
    """
    try:
        return int(process.memory_full_info().pss)
    except (psutil.AccessDenied, AttributeError):  # maps of other users may be closed to us
        return int(process.memory_info().rss)


def _children(pid: int) -> list[int]:
    """Return the children of all of a process's threads."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


@cache
def _has_lists() -> bool:
    """Tell whether the kernel has them (CONFIG_PROC_CHILDREN)."""
    return Path("/proc/thread-self/children").exists()
