"""What an instance type means on this machine."""

from __future__ import annotations

import os
from dataclasses import replace

from sagehen.api.errors import ValidationException
from sagehen.executors import instance_types
from sagehen.executors.base import Limits
from sagehen.executors.instance_types import InstanceType


def on_this_host(name: str, most_cpus: float | None = None) -> tuple[InstanceType, Limits]:
    """Return the catalogue's row and the limits of a sandbox that stands in for it here.

    Args:
        name: Such as `ml.m5.large`.
        most_cpus: What the operator lets one instance have, see `Surroundings`.

    Raises:
        ValidationException: The catalogue has no such type.
    """
    kind = instance_types.lookup(name)
    if kind is None:
        raise ValidationException(f"Instance type {name} is not in Sagehen's catalogue.")
    memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    limits = instance_types.scaled_limits(kind, len(os.sched_getaffinity(0)), memory_mib)
    if most_cpus is not None:
        limits = replace(limits, cpus=min(limits.cpus, most_cpus))
    return kind, limits
