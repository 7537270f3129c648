"""What an earlier life of the platform left: its sandboxes, their folders and their cgroups."""

from __future__ import annotations

import os
from pathlib import Path

from sagehen.executors.folders.ownership import give_trees
from sagehen.executors.folders.removal import discard, sweep_discarded
from sagehen.executors.limits.backends import remove_left_groups
from sagehen.executors.limits.cgroup_files import remove_cgroup
from sagehen.executors.limits.group import LimitBackend
from sagehen.executors.processes.intentions import Intentions, end_processes
from sagehen.executors.sandbox.plan import Planner


def end_left_over(intentions: Intentions, planner: Planner, *, owns_folders: bool) -> list[str]:
    """End what is on record and has not ended, and return its names. Blocks up to 5 s for each.

    Args:
        intentions: The records.
        planner: Made their files in /etc.
        owns_folders: The platform is root, and lent their folders to other users.
    """
    ended = []
    for name, record in intentions.left_over().items():
        end_processes(record)
        mounts = record.get("mounts")
        if owns_folders and isinstance(mounts, list):
            give_trees((Path(m[0]) for m in mounts if m[2]), os.geteuid(), os.getegid())
        for cgroup in record.get("cgroups", ()):
            remove_cgroup(Path(cgroup))
        planner.forget(name)
        intentions.forget(name)
        ended.append(name)
    return ended


def sweep(folder: Path, backend: LimitBackend) -> None:
    """Remove what starts left that were cut off before they were written down. Before the first start only.

    Args:
        folder: The executor's own.
        backend: Of this life.
    """
    sweep_discarded(folder / "etc")
    discard(folder / "etc")
    remove_left_groups(backend, folder / "cgroups")
