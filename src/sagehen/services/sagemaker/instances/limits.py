"""What an instance type means on this machine."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from math import ceil

from sagehen.api.errors import ValidationException
from sagehen.executors.base import Limits
from sagehen.executors.hardware import instance_types
from sagehen.executors.hardware.instance_types import InstanceType

# m5d, c6gd, g4dn, p3dn, p4d and their like tell by a d; the newer accelerated ones do not. Documented:
# ResourceConfig's model, VolumeSizeInGB, and Amazon EC2 instance types, instance store volumes.
_WITH_DISKS = re.compile(r"ml\.(?:[a-z]+\d+[a-z]*d[a-z]*|g5|g6e?|gr6|p5(?:en?)?|trn\d+n?)\.")

# No type of AWS's is called so, and none can be asked for.
_SERVERLESS, _COPY = "serverless.", "copy/"
# Documented in words alone (Deploy models with serverless inference): compute in proportion to memory. The
# figure is Lambda's.
_MB_PER_CPU = 1769


def has_instance_storage(name: str) -> bool:
    """Tell whether a type comes with disks of its own, so that AWS makes no volume of VolumeSizeInGB."""
    return _WITH_DISKS.match(name) is not None


def serverless(memory_mb: int) -> str:
    """Return the name under which `on_this_host` knows a serverless variant's environments."""
    return f"{_SERVERLESS}{memory_mb}"


def of_copy(instance_type: str, cpus: float | None, memory_mb: int | None, accelerators: int) -> str:
    """Return the name under which `on_this_host` knows a copy of an inference component.

    Args:
        instance_type: Where it is.
        cpus: What it may have; None: what the instance has.
        memory_mb: Likewise.
        accelerators: What it may have.
    """
    return f"{_COPY}{cpus or 0:g}/{memory_mb or 0}/{accelerators}/{instance_type}"


def _copy(name: str) -> tuple[InstanceType | None, float, int]:
    _, cpus, memory_mb, accelerators, instance_type = name.split("/")
    kind = instance_types.lookup(instance_type)
    if kind is None:
        return None, 0.0, 0
    return replace(kind, gpus=int(accelerators)), float(cpus), int(memory_mb)


def _serverless(name: str) -> InstanceType:
    memory_mb = int(name.removeprefix(_SERVERLESS))
    return InstanceType(name, ceil(memory_mb / _MB_PER_CPU), memory_mb / 1024, 0, "", "", None)


def on_this_host(name: str, most_cpus: float | None = None) -> tuple[InstanceType, Limits]:
    """Return the catalogue's row and the limits of a sandbox that stands in for it here.

    Args:
        name: Such as `ml.m5.large`.
        most_cpus: What the operator lets one instance have, see `Surroundings`.

    Raises:
        ValidationException: The catalogue has no such type.
    """
    cpus, part_mb = 0.0, 0
    if name.startswith(_COPY):
        kind, cpus, part_mb = _copy(name)
    else:
        kind = _serverless(name) if name.startswith(_SERVERLESS) else instance_types.lookup(name)
    if kind is None:
        raise ValidationException(f"Instance type {name} is not in Sagehen's catalogue.")
    memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    limits = instance_types.scaled_limits(kind, len(os.sched_getaffinity(0)), memory_mib)
    if name.startswith(_SERVERLESS):
        limits = replace(limits, cpus=min(limits.cpus, kind.memory_gib * 1024 / _MB_PER_CPU))
    if cpus:
        limits = replace(limits, cpus=min(limits.cpus, cpus))
    if part_mb:
        limits = replace(limits, memory_mib=min(limits.memory_mib, part_mb))
    if most_cpus is not None:
        limits = replace(limits, cpus=min(limits.cpus, most_cpus))
    return kind, limits
