"""Pause: all processes of a machine stand still, so that its disks can be copied as they are at one moment.

By SIGSTOP, which nobody inside can refuse and which the end of the platform cannot leave behind: what stands
still is killed as what runs. A frozen file system would do the same, but outlives whoever froze it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from sagehen.executors.limits.descendants import descendants

# Many that start others while they are stopped take some rounds.
_PATIENCE_S = 2.0
_LOOK_AGAIN_S = 0.002
# proc_pid_stat(5): stopped, traced, ended; and waiting for a disk, or for a child of vfork that stands still.
_STILL, _WAITING = "TtZX", "D"


class Restless(Exception):
    """Something of the machine does not stand still."""


def stop_all(pid: int) -> list[int]:
    """Stop a process and all below it; return what `continue_all` takes. Blocking, for some ms.

    Raises:
        Restless: More and more of them came; all run on.
    """
    stopped: dict[int, None] = {}  # in the order in which they were
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        states = {each: _state(each) for each in descendants(pid)}
        # Also those that were stopped, and that another one let go on before it stood still itself.
        for each in [each for each, state in states.items() if state not in _STILL]:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGSTOP)
                stopped[each] = None
        if not any(state not in _STILL for state in states.values()):
            return list(stopped)
        if time.monotonic() > deadline:
            if all(state in _STILL + _WAITING for state in states.values()):
                return list(stopped)
            continue_all(list(stopped))
            raise Restless("the machine starts processes faster than they can be stopped")
        time.sleep(_LOOK_AGAIN_S)


def continue_all(stopped: list[int]) -> None:
    """Let them go on, children first: their shells are not to see that they stood still."""
    for each in reversed(stopped):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(each, signal.SIGCONT)


def _state(pid: int) -> str:
    """Return the state of the thread of a process that is least at rest; X where it is gone."""
    states = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError, IndexError):
                # The name before it may hold anything but a newline and more parentheses than one.
                states.append((task / "stat").read_text().rpartition(")")[2].split()[0])
    return min(states, key=lambda state: (state in _STILL, state in _WAITING), default="X")
