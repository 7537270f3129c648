"""Transport: gloo's threads must not push aside the threads of the script that they wait for, nor outlive it.

When bytes arrive, gloo's transport thread wakes up and tries the connection's lock, over and over. On an
instance with one core it has then preempted the thread that holds the lock, which runs again at the
next tick of the kernel's clock: an all-reduce of 136 kB took 2.9 ms instead of 0.3. Threads of the batch
policy run when a core is free, and preempt nobody.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from pathlib import Path

_THREAD = "gloo_tcp_loop"
_WORKER = "pt_gloo_runloop"
# A script opens its process groups when it likes.
_LOOK_EVERY_S = 0.5


def calm(tasks: Path = Path("/proc/self/task")) -> set[int]:
    """Give this process's transport threads the batch policy; return their ids."""
    found = set()
    for thread in tasks.glob("*"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or policies are closed to us
            if (thread / "comm").read_text().strip() == _THREAD:
                number = int(thread.name)
                if os.sched_getscheduler(number) == os.SCHED_OTHER:
                    os.sched_setscheduler(number, os.SCHED_BATCH, os.sched_param(0))
                found.add(number)
    return found


def keep_calm() -> None:
    """Do so for as long as the process lives, in a thread."""

    def watch() -> None:
        while True:
            calm()
            time.sleep(_LOOK_EVERY_S)

    threading.Thread(target=watch, name="transport", daemon=True).start()


def let_go(patience_s: float = 5.0, tasks: Path = Path("/proc/self/task")) -> bool:
    """Wait until gloo's workers have let go of the last tensors that they sent; for when a script has ended.

    They do so a moment after the result is there, and need the interpreter for it. One that asks while that
    ends aborts the process ("terminate called without an active exception"): all was trained, and the job
    failed.

    Returns:
        Whether they sleep.
    """
    before: dict[str, list[str]] | None = None
    deadline = time.monotonic() + patience_s
    while (now := _workers(tasks)) and time.monotonic() < deadline:
        # One that waits for the interpreter sleeps, too, but gets it while this thread does: one more switch.
        if now == before and all(state == "S" for state, *_ in now.values()):
            return True
        before = now
        time.sleep(0.01)
    return not now


def _workers(tasks: Path) -> dict[str, list[str]]:
    """Return of each worker its state (S: asleep) and how often it gave up its core."""
    states: dict[str, list[str]] = {}
    for thread in tasks.glob("*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if (thread / "comm").read_text().strip() == _WORKER:
                status = (thread / "status").read_text()
                states[thread.name] = re.findall(r"^(?:State|\w+ctxt_switches):\s+(\S+)", status, re.M)
    return states
