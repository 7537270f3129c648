"""Which kind of limits this machine lets us use, and what of them is left at the end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.limits.cgroup_files import remove_cgroup, remove_cgroups
from sagehen.executors.limits.cgroup_v1 import CgroupV1Backend
from sagehen.executors.limits.cgroup_v2 import CgroupV2Backend
from sagehen.executors.limits.group import LimitBackend
from sagehen.executors.limits.watchdog import WatchdogBackend


def chosen_backend(wanted: str, group: str) -> LimitBackend:
    """Return the back end of that name.

    Args:
        wanted: `best`, `cgroup v1`, `cgroup v2` or `watchdog`.
        group: Name of the one parent of all of its cgroups, such as `sagehen-1a2b`.

    Raises:
        SandboxUnavailable: This machine does not let us use it, or there is none of that name.
    """
    if wanted == "best":
        return best_backend(group)
    probes: Iterable[LimitBackend | None] = (
        CgroupV2Backend.probe(group) if wanted == "cgroup v2" else None,
        CgroupV1Backend.probe(group) if wanted == "cgroup v1" else None,
        WatchdogBackend() if wanted == "watchdog" else None,
    )
    chosen = next((backend for backend in probes if backend is not None), None)
    if chosen is None:
        raise SandboxUnavailable(f"Limits by {wanted!r} were asked for; this machine does not offer them.")
    return chosen


def best_backend(group: str) -> LimitBackend:
    """Return the strongest back end that this machine lets us use."""
    return CgroupV2Backend.probe(group) or CgroupV1Backend.probe(group) or WatchdogBackend()


def remove_groups(backend: LimitBackend) -> None:
    """Remove every group and what they lie in."""
    remove_cgroups(backend.parents)


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
