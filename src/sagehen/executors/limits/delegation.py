"""The cgroup (v2) that we stand in: made ready to have ours below it.

The kernel shares out controllers only below a cgroup that holds no processes (cgroup-v2.rst, "No Internal
Process Constraint"). A scope that systemd has delegated holds us: so we move into a leaf of it first. From
memory of what the kernel and systemd document; not seen at work, for want of a machine with systemd.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection
from pathlib import Path

LEAF = "sagehen-platform"


def may_step_aside(processes: Collection[int], own_pid: int) -> bool:
    """Tell whether a cgroup with these processes is ours alone: a shell's belongs to the shell."""
    return set(processes) == {own_pid}


def base_of(own: Path) -> Path:
    """Return the cgroup to make others in: where we have stepped aside already, the one above."""
    return own.parent if own.name == LEAF else own


def share_out(base: Path, controllers: str) -> None:
    """Give what lies below `base` these controllers (`+memory +cpu`); step aside where we are in the way.

    Raises:
        OSError: Not ours to change, or others' processes are in it.
    """
    control = base / "cgroup.subtree_control"
    try:
        control.write_text(controllers)
    except OSError as error:
        if error.errno != errno.EBUSY or not may_step_aside(_processes(base), os.getpid()):
            raise
        leaf = base / LEAF
        leaf.mkdir(exist_ok=True)
        (leaf / "cgroup.procs").write_text(str(os.getpid()))
        control.write_text(controllers)


def _processes(folder: Path) -> list[int]:
    return [int(pid) for pid in (folder / "cgroup.procs").read_text().split()]
