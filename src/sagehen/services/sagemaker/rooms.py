"""The rooms of `sagemaker`, each made of what the others have: jobs, endpoints, the registry, and so on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sagehen.domain.ports.compute.functions import FunctionInvoker
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoint_configs.records import EndpointConfigRecords
from sagehen.services.sagemaker.endpoints.assembly import EndpointParts, endpoint_parts
from sagehen.services.sagemaker.endpoints.lineage import deployed
from sagehen.services.sagemaker.experiments.assembly import ExperimentParts, experiment_parts
from sagehen.services.sagemaker.images.prewarming import Prewarming
from sagehen.services.sagemaker.inference_components.assembly import ComponentParts, component_parts
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.lineage.assembly import LineageParts, lineage_parts
from sagehen.services.sagemaker.lineage.rows import forget_associations
from sagehen.services.sagemaker.model_packages.assembly import RegistryParts, registry_parts
from sagehen.services.sagemaker.model_packages.lineage import PackageLineage
from sagehen.services.sagemaker.models.records import ModelRecords
from sagehen.services.sagemaker.notebooks.assembly import NotebookNeeds, NotebookParts, notebook_parts
from sagehen.services.sagemaker.pipelines.assembly import PipelineParts, pipeline_parts
from sagehen.services.sagemaker.processing.assembly import ProcessingParts, processing_parts
from sagehen.services.sagemaker.processing.schema import TABLE as PROCESSING_JOBS
from sagehen.services.sagemaker.recommender.assembly import RecommenderParts, recommender_parts
from sagehen.services.sagemaker.tags.records import TagRecords
from sagehen.services.sagemaker.tracking_servers.assembly import (
    TrackingNeeds,
    TrackingParts,
    tracking_parts,
)
from sagehen.services.sagemaker.training.assembly import TrainingParts, training_parts
from sagehen.services.sagemaker.transform.assembly import TransformParts, transform_parts
from sagehen.services.sagemaker.transform.schema import TABLE as TRANSFORM_JOBS
from sagehen.services.sagemaker.tuning.assembly import TuningParts, tuning_parts
from sagehen.serving.directory import EndpointDirectory
from sagehen.store.database import Database

# Type of a pipeline's step -> the table of its jobs.
_STEP_TABLES = {
    "Processing": PROCESSING_JOBS,
    "QualityCheck": PROCESSING_JOBS,
    "ClarifyCheck": PROCESSING_JOBS,
    "Training": "sagemaker_training_jobs",
    "Transform": TRANSFORM_JOBS,
    "Tuning": "sagemaker_tuning_jobs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """All of them, and the records that several share.

    Args:
        notebooks, tracking: None where there are none.
    """

    prewarming: Prewarming
    networks: NamedNetworks
    tags: TagRecords
    models: ModelRecords
    configs: EndpointConfigRecords
    experiments: ExperimentParts
    lineage: LineageParts
    registry: RegistryParts
    endpoints: EndpointParts
    components: ComponentParts
    training: TrainingParts
    tuning: TuningParts
    processing: ProcessingParts
    transform: TransformParts
    pipelines: PipelineParts
    recommender: RecommenderParts
    notebooks: NotebookParts | None
    tracking: TrackingParts | None

    @property
    def resources(self) -> tuple[object, ...]:
        """What has their operations."""
        return (
            *(self.tuning.operations, self.processing.operations, self.transform.operations),
            *(*self.training.operations, *self.pipelines.resources, self.recommender.operations),
            *(*self.registry.operations, *self.experiments.operations),
            *(self.endpoints.operations, self.components.operations),
            *self.lineage.operations,
            *(self.notebooks.resources if self.notebooks else ()),
            *((self.tracking.operations,) if self.tracking else ()),
        )


def rooms_of(
    database: Database,
    means: Means,
    directory: EndpointDirectory,
    documents: ResourceDocuments,
    alarms: AlarmStates | None,
    notebooks: NotebookNeeds | None,
    functions: FunctionInvoker | None,
    tracking: TrackingNeeds | None,
) -> Rooms:
    """Make them; the arguments are SageMakerService's. Nothing runs yet."""
    prewarming, networks = Prewarming(means.executor), NamedNetworks()
    tags, models, configs = TagRecords(database), ModelRecords(database), EndpointConfigRecords(database)
    experiments = experiment_parts(database, means.clock, forget_associations)
    lineage = lineage_parts(database, means.clock)
    registry = registry_parts(
        database, means.clock, documents, partial(_containers_of_model, models), PackageLineage()
    )
    endpoints = endpoint_parts(
        database, _at(means, "endpoints"), configs, models, directory, alarms=alarms, noted=deployed
    )
    tracker = lineage.tracker
    training = training_parts(database, means, prewarming, networks, tracker)
    tuning = tuning_parts(
        database, means, training.records, training.runs, tags, training.admission, training.quota
    )
    return Rooms(
        prewarming=prewarming,
        networks=networks,
        tags=tags,
        models=models,
        configs=configs,
        experiments=experiments,
        lineage=lineage,
        registry=registry,
        endpoints=endpoints,
        components=component_parts(
            database, _at(means, "inference-components"), endpoints, models, directory, alarms=alarms
        ),
        training=training,
        tuning=tuning,
        processing=processing_parts(database, _at(means, "processing-jobs"), prewarming, networks, tracker),
        transform=transform_parts(database, _at(means, "transform-jobs"), models, prewarming, tracker),
        pipelines=pipeline_parts(database, means, tags, _STEP_TABLES, functions),
        recommender=recommender_parts(database, _at(means, "recommender"), directory),
        notebooks=notebook_parts(database, means, notebooks, networks) if notebooks else None,
        tracking=tracking_parts(database, means, tracking) if tracking else None,
    )


def _at(means: Means, folder: str) -> Means:
    """Return means with a folder of their own."""
    return replace(means, folder=means.folder / folder)


def _containers_of_model(models: ModelRecords, scope: Scope, arn: str) -> Sequence[Mapping[str, Any]] | None:
    model = models.of_lowered(scope, arn.partition(":model/")[2])
    return model.containers if model and model.arn == arn else None
