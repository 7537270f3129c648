"""What an EC2 type means on this machine."""

from __future__ import annotations

import os
from dataclasses import replace

from sagehen.executors.base import Limits
from sagehen.executors.hardware.instance_types import InstanceType, scaled_limits
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.instance_types.operations import ec2_types


def type_named(name: str) -> InstanceType:
    """Return a type of the catalogue.

    Raises:
        Ec2Error: `InvalidParameterValue`, as RunInstances has it.
    """
    kind = ec2_types().get(name)
    if kind is None:
        raise Ec2Error("InvalidParameterValue", f"Invalid value '{name[:64]}' for InstanceType.")
    return kind


def on_this_host(name: str, most_cpus: float | None = None) -> tuple[InstanceType, Limits]:
    """Return a type, and the limits of what stands in for it here. Raises as `type_named`."""
    kind = type_named(name)
    memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    limits = scaled_limits(kind, len(os.sched_getaffinity(0)), memory_mib)
    limits = replace(limits, overrun_ends_all=False)  # as on a machine of one's own: one process ends
    return kind, limits if most_cpus is None else replace(limits, cpus=min(limits.cpus, most_cpus))
