"""Means: what running instances takes of the platform, whatever they are for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sagehen.domain.clock import Clock, SystemClock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.node_data import NodeData
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.log_sink import LogSink
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.domain.ports.storage.objects import Objects
from sagehen.executors.base import Executor
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.instances.capacity import Capacity
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.instances.surroundings import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What jobs and endpoints share.

    Args:
        folder: A folder of its own for each kind of them.
        clock: The platform's clock: periods, dates and retries. `--time-scale` speeds it up.
        wall_clock: The machine's own, never sped up: how long something that runs may take, and took.
        ids: Source of identifiers and of randomness.
        roles: Sessions of execution roles.
        objects: S3 with the rights of those sessions.
        logs: Where containers' output goes.
        metrics: Where utilization and what is found in the output go.
        executor: Runs the containers.
        surroundings: What containers find around them.
        capacity: What the machine can take.
        images: Which environments stand for images.
        supply: What the operator says can be had of instance types.
        node_data: What nodes of a cluster get from S3 by themselves; None where there is none.
    """

    folder: Path
    clock: Clock
    ids: Ids
    roles: Roles
    objects: Objects
    logs: LogSink
    metrics: MetricSink
    executor: Executor
    surroundings: Surroundings
    capacity: Capacity
    images: Images = field(default_factory=Images)
    wall_clock: Clock = field(default_factory=SystemClock)
    supply: Supply = field(default_factory=Supply)
    node_data: NodeData | None = None

    @property
    def keeps_from_internet(self) -> bool:
        """Whether what runs can be left AWS's services alone."""
        return self.executor.has_private_networks and self.surroundings.isolated_door is not None
