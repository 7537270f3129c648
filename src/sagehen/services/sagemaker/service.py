"""SageMakerService: composes the resources of `sagemaker`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sagehen.api.operation import Service
from sagehen.domain.ports.calls.operator_acts import OperatorAct
from sagehen.domain.ports.compute.functions import FunctionInvoker
from sagehen.domain.ports.compute.rollouts import Rollouts
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments, ResourcePolicies, ResourceTags
from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.domain.scope import Scope
from sagehen.executors.folders.removal import discard, sweep_discarded
from sagehen.services.sagemaker.endpoint_configs.operations import EndpointConfigs
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.experiments.entity import KINDS
from sagehen.services.sagemaker.inference_components.records import TABLE as INFERENCE_COMPONENTS
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.supply.acts import SupplyActs
from sagehen.services.sagemaker.instances.supply.for_services import SupplyForServices
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.model_packages.assembly import RegistryTags
from sagehen.services.sagemaker.models.operations import Models
from sagehen.services.sagemaker.notebooks.assembly import NOTEBOOK_TABLES, NotebookNeeds
from sagehen.services.sagemaker.notebooks.records import NotebookRecords
from sagehen.services.sagemaker.processing.schema import TABLE as PROCESSING_JOBS
from sagehen.services.sagemaker.recommender.schema import TABLE as RECOMMENDATION_JOBS
from sagehen.services.sagemaker.resources.rows import exists
from sagehen.services.sagemaker.rooms import Rooms, rooms_of
from sagehen.services.sagemaker.running import RunningInstances
from sagehen.services.sagemaker.schema import MIGRATIONS
from sagehen.services.sagemaker.search.operations import Search
from sagehen.services.sagemaker.search.source import Source
from sagehen.services.sagemaker.searchable.sources import sources
from sagehen.services.sagemaker.tags.operations import Tags
from sagehen.services.sagemaker.tracking_servers.assembly import TrackingNeeds
from sagehen.services.sagemaker.tracking_servers.records import TABLE as TRACKING_SERVERS
from sagehen.services.sagemaker.tracking_servers.tracking_server import KIND as TRACKING_SERVER
from sagehen.services.sagemaker.transform.schema import TABLE as TRANSFORM_JOBS
from sagehen.serving.directory import EndpointDirectory
from sagehen.store.database import Database

# Resource type in ARNs -> its table, for tags.
_TABLES = {
    "training-job": "sagemaker_training_jobs",
    "hyper-parameter-tuning-job": "sagemaker_tuning_jobs",
    "processing-job": PROCESSING_JOBS,
    "transform-job": TRANSFORM_JOBS,
    "model": "sagemaker_models",
    "endpoint-config": "sagemaker_endpoint_configs",
    "endpoint": "sagemaker_endpoints",
    **{kind.resource: kind.table for kind in KINDS},
    "inference-component": INFERENCE_COMPONENTS,
    "inference-recommendations-job": RECOMMENDATION_JOBS,
}
# Of jobs that run, each emptied at a start.
_JOB_FOLDERS = ("training-jobs", "processing-jobs", "transform-jobs")


class SageMakerService:
    """Implements `sagemaker`: jobs, models, endpoint configurations, endpoints, tags.

    Args:
        means: Its folder is this service's own.
        directory: Where endpoints show their replicas to `sagemaker-runtime`.
        documents: The grammar of policies.
        alarms: Those that may roll an endpoint's update back.
        notebooks: What notebook instances need; None leaves them out.
        functions: What pipelines' Lambda steps invoke.
        tracking: What MLflow tracking servers need; None leaves them out.

    Attributes:
        pipelines: Are told of the front door, through which they make jobs, as `calls.calls`, and of the
            models of requests, as `definitions.models`.
        recommender_calls: Is told of the operations that recommendation jobs perform, as `calls`.
        endpoints, inference_components: Are told of Application Auto Scaling, as `scaling_targets`.
        scalable: Implements the port ScalableResources.
        rollouts: How endpoints' updates go on.
        resource_tags: Implements the port ResourceTags.
        resource_policies: Implements the port ResourcePolicies.
        instance_supply: Implements the port InstanceSupply.
        networks: Told of EC2's later.
        operator_acts: What the operator may do besides AWS's operations, by name.
        running: Implements the port RunningThings.
        notebook_entrance: Whether the door lets who comes into a notebook instance; None without them.
        tracking_entrance: The same of tracking servers.
        tracking_calls: What they are told of the front door by, as its `calls`; None without them.
    """

    def __init__(
        self,
        database: Database,
        means: Means,
        directory: EndpointDirectory,
        documents: ResourceDocuments,
        alarms: AlarmStates | None = None,
        notebooks: NotebookNeeds | None = None,
        functions: FunctionInvoker | None = None,
        tracking: TrackingNeeds | None = None,
    ) -> None:
        database.migrate("sagemaker", MIGRATIONS)
        means = replace(means, supply=Supply(database))
        self.instance_supply = SupplyForServices(means.supply, means.capacity)
        self._folder, self._images = means.folder, means.images
        rooms = rooms_of(database, means, directory, documents, alarms, notebooks, functions, tracking)
        self._rooms, self.networks = rooms, rooms.networks
        self.resource_tags: ResourceTags = RegistryTags(rooms.tags).of
        self.resource_policies: ResourcePolicies = rooms.registry.policies
        self.endpoints, self.inference_components = rooms.endpoints.operations, rooms.components.operations
        self.scalable = rooms.components.scalable
        self.rollouts: Rollouts = rooms.endpoints.rollouts
        self.pipelines, self.recommender_calls = rooms.pipelines, rooms.recommender.calls
        self.notebook_entrance = rooms.notebooks.entrance if rooms.notebooks else None
        self.tracking_entrance = rooms.tracking.entrance if rooms.tracking else None
        self.tracking_calls = rooms.tracking.calls if rooms.tracking else None
        self.running = RunningInstances(
            EndpointRecords(database), NotebookRecords(database) if rooms.notebooks else None
        )
        self._resources = (
            *rooms.resources,
            *_deployable(rooms, means),
            Tags(rooms.tags, _tagged(database, rooms)),
            Search(self._searched(database, means)),
        )
        self.operator_acts: Mapping[str, OperatorAct] = {
            "capacity": SupplyActs(means.supply).capacity,
            **rooms.training.operator_acts,
        }

    def _searched(self, database: Database, means: Means) -> Mapping[str, Source]:
        rooms = self._rooms
        jobs, trials = rooms.training.records, rooms.tuning.trials
        return sources(database, jobs, trials, rooms.models, self.resource_tags, means.clock)

    @property
    def services(self) -> Sequence[Service]:
        return (
            Service("sagemaker", self._resources),
            Service("sagemaker-metrics", (self._rooms.experiments.metrics,)),
        )

    def alarm_went_off(self, scope: Scope, name: str) -> None:
        """An AlarmListener: it may be one that rolls back an endpoint's update, or a component's."""
        self._rooms.endpoints.loops.alarm_went_off(scope, name)
        self._rooms.components.loops.alarm_went_off(scope, name)

    async def start(self) -> None:
        """Take up the jobs and endpoints of an earlier life. `Executor.recover` comes before."""
        for kind in _JOB_FOLDERS:
            sweep_discarded(self._folder / kind)
        discard(self._folder / "recommender")
        discard(self._folder / "models")  # looked at for a moment, by a life that ended in it
        rooms = self._rooms
        await rooms.training.runs.recover()
        rooms.tuning.runs.recover()
        await rooms.processing.runs.recover()
        await rooms.transform.runs.recover()
        rooms.pipelines.runs.recover()
        await rooms.endpoints.loops.start()
        await rooms.components.loops.start()
        rooms.recommender.runs.recover()
        if rooms.notebooks:
            await rooms.notebooks.loops.start()
        if rooms.tracking:
            await rooms.tracking.loops.start()

    async def stop(self) -> None:
        """End what runs; `start` brings it back."""
        await self._rooms.prewarming.stop()
        if self._rooms.notebooks:
            await self._rooms.notebooks.loops.stop()
        if self._rooms.tracking:
            await self._rooms.tracking.loops.stop()
        await self._end_jobs()
        await self._rooms.components.loops.stop()
        await self._rooms.endpoints.loops.stop()
        await self._images.stop()

    async def _end_jobs(self) -> None:
        """End what makes jobs, then the jobs."""
        rooms = self._rooms
        for room in (rooms.recommender, rooms.pipelines, rooms.tuning):
            await room.runs.end_all()
        for jobs in (rooms.processing, rooms.transform, rooms.training):
            await jobs.runs.end_all()

    async def reset(self) -> None:
        """End what runs; its records are gone."""
        await self._end_jobs()
        await self._rooms.components.loops.stop()
        await self._rooms.endpoints.loops.reset()
        await self._rooms.components.loops.start()
        if self._rooms.notebooks:
            await self._rooms.notebooks.loops.reset()
        if self._rooms.tracking:
            await self._rooms.tracking.loops.reset()
        for kind in _JOB_FOLDERS:
            discard(self._folder / kind)
        await self._rooms.training.pools.recover(())


def _deployable(rooms: Rooms, means: Means) -> tuple[object, ...]:
    """Return models and endpoint configurations: what endpoints are made of."""
    models, prewarming = rooms.models, rooms.prewarming
    return (
        Models(
            *(models, means.clock, means.roles, means.objects, prewarming),
            *(rooms.registry.containers, means.images),
            networks=rooms.networks if means.keeps_from_internet else None,
        ),
        EndpointConfigs(rooms.configs, models, means.clock, prewarming, means.images, roles=means.roles),
    )


def _tagged(database: Database, rooms: Rooms) -> Mapping[str, Callable[[Scope, str], bool]]:
    """Return whether there is a thing of a name, by the resource type in its ARN."""
    tables = _TABLES | (NOTEBOOK_TABLES if rooms.notebooks else {})
    tables |= {TRACKING_SERVER: TRACKING_SERVERS} if rooms.tracking else {}
    tagged = {kind: partial(exists, database, table) for kind, table in tables.items()}
    more = {**rooms.registry.exists, **rooms.lineage.exists}
    return {**tagged, **more, "pipeline": rooms.pipelines.exists}
