"""MachineNeeds: what instances take of the platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.instance_supply import InstanceSupply
from sagehen.domain.ports.identity.instance_profiles import InstanceProfiles
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.domain.ports.parameters import Parameters
from sagehen.services.ec2.hosts.host import Doors, GroupRules, Hosts


@dataclass(slots=True, kw_only=True)
class MachineNeeds:
    """What instances take of the platform.

    Args:
        hosts: Makes machines.
        doors: Returns what stands in front of them, once it was told who may come in.
        wall_clock: The machine's own, never sped up: how long what runs has run.
        roles, profiles: Of instance profiles.
        supply: What can be had of instance types.
        metrics: Where AWS/EC2's metrics go.
        most_cpus: What the operator lets one instance have.
        gpus: GPUs of this machine.
        parameters: Told later: Systems Manager, which asks EC2 for images, is built after it.
    """

    hosts: Hosts
    doors: Callable[[GroupRules], Doors]
    wall_clock: Clock
    roles: Roles
    profiles: InstanceProfiles
    supply: InstanceSupply
    metrics: MetricSink
    most_cpus: float | None = None
    gpus: int = 0
    parameters: Parameters | None = None
