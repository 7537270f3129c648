"""SageMakerService: composes the resources of `sagemaker`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sagehen.api.operation import Service
from sagehen.domain.ports.alarm_states import AlarmListener, AlarmStates
from sagehen.domain.ports.functions import FunctionInvoker
from sagehen.domain.ports.operator_acts import OperatorAct
from sagehen.domain.ports.resource_policies import ResourceDocuments, ResourcePolicies, ResourceTags
from sagehen.domain.ports.rollouts import Rollouts
from sagehen.domain.scope import Scope
from sagehen.executors.folders.removal import discard, sweep_discarded
from sagehen.services.sagemaker.endpoint_configs.operations import EndpointConfigs
from sagehen.services.sagemaker.endpoint_configs.records import EndpointConfigRecords
from sagehen.services.sagemaker.endpoints.assembly import endpoint_parts
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.experiments.assembly import experiment_parts
from sagehen.services.sagemaker.experiments.entity import KINDS
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.instances.supply.acts import SupplyActs
from sagehen.services.sagemaker.instances.supply.for_services import SupplyForServices
from sagehen.services.sagemaker.instances.supply.supply import Supply
from sagehen.services.sagemaker.model_packages.assembly import RegistryTags, registry_parts
from sagehen.services.sagemaker.models.operations import Models
from sagehen.services.sagemaker.models.records import ModelRecords
from sagehen.services.sagemaker.notebooks.assembly import NOTEBOOK_TABLES, NotebookNeeds, notebook_parts
from sagehen.services.sagemaker.notebooks.records import NotebookRecords
from sagehen.services.sagemaker.pipelines.assembly import pipeline_parts
from sagehen.services.sagemaker.processing.assembly import processing_parts
from sagehen.services.sagemaker.processing.schema import TABLE as PROCESSING_JOBS
from sagehen.services.sagemaker.recommender.assembly import recommender_parts
from sagehen.services.sagemaker.recommender.schema import TABLE as RECOMMENDATION_JOBS
from sagehen.services.sagemaker.resources.rows import exists
from sagehen.services.sagemaker.running import RunningInstances
from sagehen.services.sagemaker.schema import MIGRATIONS
from sagehen.services.sagemaker.search.operations import Search
from sagehen.services.sagemaker.searchable import sources
from sagehen.services.sagemaker.tags.operations import Tags
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.services.sagemaker.training.assembly import training_parts
from sagehen.services.sagemaker.transform.assembly import transform_parts
from sagehen.services.sagemaker.transform.schema import TABLE as TRANSFORM_JOBS
from sagehen.services.sagemaker.tuning.assembly import tuning_parts
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
    "inference-recommendations-job": RECOMMENDATION_JOBS,
}
# Type of a pipeline's step -> the table of its jobs.
_STEP_TABLES = {
    "Processing": PROCESSING_JOBS,
    "Training": "sagemaker_training_jobs",
    "Transform": TRANSFORM_JOBS,
    "Tuning": "sagemaker_tuning_jobs",
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

    Attributes:
        pipelines: Are told of the front door, through which they make jobs, as `calls.calls`, and of the
            models of requests, as `definitions.models`.
        recommender_calls: Is told of the operations that recommendation jobs perform, as `calls`.
        endpoints: Is told of Application Auto Scaling, as `endpoints.scaling_targets`.
        scalable_variants: Implements the port ScalableResources.
        rollouts: How endpoints' updates go on.
        resource_tags: Implements the port ResourceTags.
        resource_policies: Implements the port ResourcePolicies.
        instance_supply: Implements the port InstanceSupply.
        networks: Told of EC2's later.
        operator_acts: What the operator may do besides AWS's operations, by name.
        alarm_went_off: An AlarmListener.
        running: Implements the port RunningThings.
        notebook_entrance: Whether the door lets who comes into a notebook instance; None without them.
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
    ) -> None:
        database.migrate("sagemaker", MIGRATIONS)
        means = replace(means, supply=Supply(database))
        self.instance_supply = SupplyForServices(means.supply, means.capacity)
        self._folder, self._images = means.folder, means.images
        self._prewarming = prewarming = Prewarming(means.executor)
        self.networks = networks = NamedNetworks()
        tags, models = TagRecords(database), ModelRecords(database)
        self.resource_tags: ResourceTags = RegistryTags(tags).of
        experiments = experiment_parts(database, means.clock)
        self._metrics = experiments.metrics
        registry = registry_parts(database, means.clock, documents, partial(_containers_of_model, models))
        self.resource_policies: ResourcePolicies = registry.policies
        configs = EndpointConfigRecords(database)
        endpoints = endpoint_parts(
            database, _at(means, "endpoints"), configs, models, directory, alarms=alarms
        )
        self._loops = endpoints.loops
        self.alarm_went_off: AlarmListener = endpoints.loops.alarm_went_off
        self.endpoints, self.scalable_variants = endpoints.operations, endpoints.scalable
        self.rollouts: Rollouts = endpoints.rollouts
        self._training = training = training_parts(database, means, prewarming, networks)
        tuning = tuning_parts(
            database, means, training.records, training.runs, tags, training.admission, training.quota
        )
        processing = processing_parts(database, _at(means, "processing-jobs"), prewarming, networks)
        transform = transform_parts(database, _at(means, "transform-jobs"), models, prewarming)
        pipelines = pipeline_parts(database, _at(means, "pipelines"), tags, _STEP_TABLES, functions)
        recommender = recommender_parts(database, _at(means, "recommender"), directory)
        self._tuning_runs, self._job_runs = tuning.runs, (processing.runs, transform.runs)
        self._pipeline_runs, self.pipelines = pipelines.runs, pipelines
        self._recommendation_runs, self.recommender_calls = recommender.runs, recommender.calls
        self._notebooks = notebook_parts(database, means, notebooks, networks) if notebooks else None
        self.notebook_entrance = self._notebooks.entrance if self._notebooks else None
        self.running = RunningInstances(
            EndpointRecords(database), NotebookRecords(database) if notebooks else None
        )
        tables = _TABLES | (NOTEBOOK_TABLES if self._notebooks else {})
        tagged = {kind: partial(exists, database, table) for kind, table in tables.items()}
        self._resources = (
            *(tuning.operations, processing.operations, transform.operations, *training.operations),
            *(*pipelines.resources, recommender.operations, *registry.operations, *experiments.operations),
            Models(
                *(models, means.clock, means.roles, means.objects, prewarming),
                *(registry.containers, means.images),
                networks=networks if means.keeps_from_internet else None,
            ),
            EndpointConfigs(configs, models, means.clock, prewarming, means.images),
            endpoints.operations,
            Tags(tags, {**tagged, **registry.exists, "pipeline": pipelines.exists}),
            Search(sources(database, training.records, models, self.resource_tags)),
            *(self._notebooks.resources if self._notebooks else ()),
        )
        self.operator_acts: Mapping[str, OperatorAct] = {
            "capacity": SupplyActs(means.supply).capacity,
            **training.operator_acts,
        }

    @property
    def services(self) -> Sequence[Service]:
        return (Service("sagemaker", self._resources), Service("sagemaker-metrics", (self._metrics,)))

    async def start(self) -> None:
        """Take up the jobs and endpoints of an earlier life. `Executor.recover` comes before."""
        for kind in _JOB_FOLDERS:
            sweep_discarded(self._folder / kind)
        discard(self._folder / "pipelines")
        discard(self._folder / "recommender")
        discard(self._folder / "models")  # looked at for a moment, by a life that ended in it
        await self._training.runs.recover()
        self._tuning_runs.recover()
        for runs in self._job_runs:
            await runs.recover()
        self._pipeline_runs.recover()
        await self._loops.start()
        self._recommendation_runs.recover()
        if self._notebooks:
            await self._notebooks.loops.start()

    async def stop(self) -> None:
        """End what runs; `start` brings it back."""
        await self._prewarming.stop()
        if self._notebooks:
            await self._notebooks.loops.stop()
        await self._end_jobs()
        await self._loops.stop()
        await self._images.stop()

    async def _end_jobs(self) -> None:
        """End what makes jobs, then the jobs."""
        every = (self._recommendation_runs, self._pipeline_runs, self._tuning_runs, *self._job_runs)
        for runs in (*every, self._training.runs):
            await runs.end_all()

    async def reset(self) -> None:
        """End what runs; its records are gone."""
        await self._end_jobs()
        await self._loops.reset()
        if self._notebooks:
            await self._notebooks.loops.reset()
        for kind in _JOB_FOLDERS:
            discard(self._folder / kind)
        await self._training.pools.recover(())


def _at(means: Means, folder: str) -> Means:
    """Return means with a folder of their own."""
    return replace(means, folder=means.folder / folder)


def _containers_of_model(models: ModelRecords, scope: Scope, arn: str) -> Sequence[Mapping[str, Any]] | None:
    model = models.of_lowered(scope, arn.partition(":model/")[2])
    return model.containers if model and model.arn == arn else None
