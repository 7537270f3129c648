"""SandboxSettings: how the executor works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How the executor works.

    Args:
        warm: Whether to fork from warm parents at all.
        idle_retire_s: How long an unused warm parent stays.
        seccomp: Whether to load the system call filter.
        limit_backend: `best`, `cgroup v1`, `cgroup v2` or `watchdog`.
    """

    warm: bool = True
    idle_retire_s: float = 900.0
    seccomp: bool = True
    limit_backend: str = "best"
