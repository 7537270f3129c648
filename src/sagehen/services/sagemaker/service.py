"""SageMakerService: composes the resources of `sagemaker`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.log_sink import LogSink
from sagehen.domain.ports.metrics import MetricSink
from sagehen.domain.ports.objects import Objects
from sagehen.domain.ports.resource_policies import ResourceTags
from sagehen.domain.ports.roles import Roles
from sagehen.executors.base import Executor
from sagehen.executors.folders.removal import discard, sweep_discarded
from sagehen.services.sagemaker.endpoint_configs.operations import EndpointConfigs
from sagehen.services.sagemaker.endpoints.operations import Endpoints
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.capacity import Capacity
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.models.operations import Models
from sagehen.services.sagemaker.models.records import MIGRATIONS, Records
from sagehen.services.sagemaker.tags.operations import Tags
from sagehen.services.sagemaker.training.operations import TrainingJobs
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.training.run import TrainingTools
from sagehen.services.sagemaker.training.runs import TrainingRuns
from sagehen.serving.directory import EndpointDirectory
from sagehen.store.database import Database

# Resource type in ARNs -> its table, for tags.
_TABLES = {
    "training-job": "sagemaker_training_jobs",
    "model": "sagemaker_models",
    "endpoint-config": "sagemaker_endpoint_configs",
    "endpoint": "sagemaker_endpoints",
}


class SageMakerService:
    """Implements `sagemaker`: training jobs, models, endpoint configurations, endpoints, tags.

    Args:
        database: The platform's metadata.
        folder: A folder of this service's own.
        clock: The platform's clock.
        ids: Source of identifiers.
        roles: PassRole checks and sessions of execution roles.
        objects: S3 with the rights of those sessions.
        logs: Where containers' output goes.
        metrics: Where utilization and training metrics go.
        executor: Runs the containers.
        directory: Where endpoints show their replicas to `sagemaker-runtime`.
        surroundings: What containers find around them.
    """

    def __init__(
        self,
        *,
        database: Database,
        folder: Path,
        clock: Clock,
        ids: Ids,
        roles: Roles,
        objects: Objects,
        logs: LogSink,
        metrics: MetricSink,
        executor: Executor,
        directory: EndpointDirectory,
        surroundings: Surroundings,
    ) -> None:
        database.migrate("sagemaker", MIGRATIONS)
        self._folder = folder
        records = Records(database)
        self.resource_tags: ResourceTags = records.tags
        job_records = TrainingJobRecords(database)
        capacity = Capacity(clock)
        self._prewarming = prewarming = Prewarming(executor)
        tools = TrainingTools(
            records=job_records,
            folder=folder / "training-jobs",
            clock=clock,
            ids=ids,
            roles=roles,
            objects=objects,
            logs=logs,
            metrics=metrics,
            executor=executor,
            surroundings=surroundings,
            capacity=capacity,
        )
        self._runs = TrainingRuns(tools)
        self._endpoints = Endpoints(
            database=database,
            clock=clock,
            ids=ids,
            executor=executor,
            roles=roles,
            objects=objects,
            logs=logs,
            metrics=metrics,
            directory=directory,
            folder=folder / "endpoints",
            surroundings=surroundings,
            records=records,
            capacity=capacity,
        )
        exists = {kind: partial(records.exists, table) for kind, table in _TABLES.items()}
        self._resources = (
            TrainingJobs(job_records, self._runs, clock, roles, objects, prewarming),
            Models(database, records, clock, roles, objects, folder / "models", prewarming),
            EndpointConfigs(database, records, clock, prewarming),
            self._endpoints,
            Tags(records, exists),
        )

    @property
    def services(self) -> Sequence[Service]:
        return (Service("sagemaker", self._resources),)

    async def start(self) -> None:
        """Take up the jobs and endpoints of an earlier life. `Executor.recover` comes before."""
        sweep_discarded(self._folder / "training-jobs")
        discard(self._folder / "models")  # looked at for a moment, by a life that ended in it
        await self._runs.recover()
        await self._endpoints.start()

    async def stop(self) -> None:
        """End what runs; `start` brings it back."""
        await self._prewarming.stop()
        await self._runs.end_all()
        await self._endpoints.stop()

    async def reset(self) -> None:
        """End what runs; its records are gone."""
        await self._runs.end_all()
        await self._endpoints.reset()
        discard(self._folder / "training-jobs")
