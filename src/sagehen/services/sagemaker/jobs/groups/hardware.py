"""What each host of a job has on this machine, by its group's type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sagehen.domain.ports.compute.places import Demand
from sagehen.executors.base import Limits
from sagehen.executors.hardware.instance_types import InstanceType
from sagehen.services.sagemaker.instances import capacity
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.gpu_types import GpuTypes
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.jobs.groups.group import InstanceGroup


@dataclass(frozen=True, slots=True)
class Hardware:
    """Of one host.

    Args:
        gpus: Devices that it gets; the machine's are shared out to all hosts of types with GPUs.
    """

    instance_type: str
    limits: Limits
    gpus: int


def hardware_of(
    groups: Sequence[InstanceGroup], volume_gb: int | None, surroundings: Surroundings
) -> dict[str, Hardware]:
    """Return what each host has.

    Args:
        volume_gb: VolumeSizeInGB; types with disks of their own have no volume.
    """
    found: dict[str, Hardware] = {}
    for group in groups:
        kind, limits = instance_limits.on_this_host(group.instance_type, surroundings.cpus_per_instance)
        if volume_gb is not None and not instance_limits.has_instance_storage(group.instance_type):
            limits = replace(limits, disk_mib=volume_gb * 1024)
        gpus = surroundings.gpu_types.share(kind, _sharing(groups)) if kind.gpus else 0
        found |= dict.fromkeys(group.hosts, Hardware(group.instance_type, limits, gpus))
    return found


def need_mib_each(groups: Sequence[InstanceGroup], surroundings: Surroundings) -> int:
    """Return what memory to set aside for each host: together they get what all of them need."""
    total = 0
    for group in groups:
        _, limits = instance_limits.on_this_host(group.instance_type, surroundings.cpus_per_instance)
        total += capacity.need_mib(limits) * len(group.hosts)
    return math.ceil(total / sum(len(group.hosts) for group in groups))


def demands(groups: Sequence[InstanceGroup], surroundings: Surroundings) -> list[Demand]:
    """Return what each host reserves on a node of a cluster, in the order of the hosts."""
    found = []
    for host in (host for group in groups for host in group.hosts):
        has = hardware_of(groups, None, surroundings)[host]
        found.append(Demand("training", has.limits.cpus, capacity.need_mib(has.limits), has.gpus))
    return found


def require_gpus(groups: Sequence[InstanceGroup], gpu_types: GpuTypes) -> None:
    """Check that the hosts may run with the GPUs that there are.

    Raises:
        GpuTypeRefused
    """
    for kind in _with_gpus(groups):
        gpu_types.require(kind, _sharing(groups))


def gpu_note(groups: Sequence[InstanceGroup], gpu_types: GpuTypes) -> str | None:
    """Return what the reader of the log must know of the hosts' GPUs, or None where they have theirs."""
    notes = [gpu_types.note(kind, _sharing(groups)) for kind in _with_gpus(groups)]
    return "; ".join(dict.fromkeys(note for note in notes if note)) or None


def _with_gpus(groups: Sequence[InstanceGroup]) -> list[InstanceType]:
    kinds = [instance_limits.on_this_host(group.instance_type)[0] for group in groups]
    return [kind for kind in kinds if kind.gpus]


def _sharing(groups: Sequence[InstanceGroup]) -> int:
    """Return how many hosts share the machine's GPUs."""
    return sum(
        len(group.hosts) for group in groups if instance_limits.on_this_host(group.instance_type)[0].gpus
    )
