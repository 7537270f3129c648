"""Processors: which of them each sandbox is held to, where there are no cgroups to share them out.

Held to the same ones, two instances of one core each would share that core while others idle, and be slower
than one. So each gets those that the fewest others have.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path


class Processors:
    """Hands out processors, the least used first. May be called from any thread."""

    def __init__(self, usable: Sequence[int] | None = None) -> None:
        self._usable = sorted(os.sched_getaffinity(0) if usable is None else usable)
        self._taken: Counter[int] = Counter()
        self._lock = threading.Lock()

    def take(self, count: int) -> tuple[int, ...]:
        """Return `count` processors; () where that is all of them or more: nothing is to be held."""
        if count >= len(self._usable):
            return ()
        with self._lock:
            chosen = sorted(self._usable, key=lambda cpu: (self._taken[cpu], cpu))[:count]
            self._taken.update(chosen)
        return tuple(chosen)

    def give_back(self, processors: Sequence[int]) -> None:
        """Let go of what `take` returned, once."""
        with self._lock:
            self._taken.subtract(processors)


def hold_to(pid: int, processors: Sequence[int]) -> None:
    """Hold a process to processors: every thread of it, as the kernel knows this of threads only."""
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                if os.sched_getaffinity(int(task.name)) != set(processors):
                    os.sched_setaffinity(int(task.name), processors)
