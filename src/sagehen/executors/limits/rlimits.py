"""The rlimits of a sandbox, which its first process sets for itself."""

from __future__ import annotations

import resource

from sagehen.executors.base import SandboxSpec
from sagehen.executors.limits.group import LimitGroup

_MIB = 1024 * 1024


def clamped_open_files(wanted: int) -> int:
    """Return `wanted`, or the platform's own hard limit where that is lower."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def inner_rlimits(spec: SandboxSpec, group: LimitGroup) -> dict[str, int]:
    """Return every rlimit of a sandbox, by its name in `prlimit`."""
    return {**rlimits_of(spec), **group.inner_rlimits()}


def rlimits_of(spec: SandboxSpec) -> dict[str, int]:
    """Return those that a sandbox has whatever else limits it."""
    limits = spec.limits
    rlimits = {"core": 0, "nofile": clamped_open_files(spec.open_files)}
    if limits.disk_mib is not None:
        # One file alone is stopped at once. Files in memory are files as well: they keep their own limits.
        rlimits["fsize"] = max(limits.disk_mib, limits.tmp_mib, limits.shm_mib) * _MIB
    return rlimits
