"""SageMaker and its runtime: jobs and endpoints, and the invocations of endpoints."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.settings import data_option
from sagehen.app.wiring.ground import Ground
from sagehen.app.wiring.late import LateFunctions
from sagehen.app.wiring.rooms import Rooms
from sagehen.domain.clock import SystemClock
from sagehen.executors.environments import pip_settings
from sagehen.executors.environments.builds import Builds
from sagehen.executors.environments.resolver import Environments
from sagehen.executors.hardware.gpus import gpu_indices
from sagehen.services.ecr.service import EcrService
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.instances.capacity import Capacity
from sagehen.services.sagemaker.instances.gpu_types import GpuTypes
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.surroundings import Surroundings
from sagehen.services.sagemaker.notebooks.assembly import NotebookNeeds
from sagehen.services.sagemaker.notebooks.jupyter.servers import JupyterServers
from sagehen.services.sagemaker.service import SageMakerService
from sagehen.services.sagemaker.tracking_servers.assembly import TrackingNeeds
from sagehen.services.sagemaker_runtime.service import SageMakerRuntimeService
from sagehen.services.sagemaker_runtime.surroundings import Surroundings as RuntimeSurroundings
from sagehen.serving.directory import EndpointDirectory


def build(rooms: Rooms) -> Sequence[ServiceComponent]:
    """Build them. Endpoints are entered in a directory, and invoked by what it holds."""
    directory = EndpointDirectory()
    rooms.sagemaker = _sagemaker(rooms, directory)
    rooms.runtime = _runtime(rooms, directory)
    return rooms.sagemaker, rooms.runtime


def _sagemaker(rooms: Rooms, directory: EndpointDirectory) -> SageMakerService:
    ground, iam = rooms.ground, rooms.iam
    environments = Environments(ground.folder.environments)
    means = Means(
        folder=ground.folder.jobs,
        clock=ground.clock,
        ids=ground.ids,
        roles=iam.roles,
        objects=rooms.s3.objects,
        logs=rooms.logs.sink,
        metrics=rooms.cloudwatch.sink,
        executor=ground.executor,
        surroundings=Surroundings(
            platform_port=ground.port,
            ca_file=ground.folder.ca_certificate,
            pip=pip_settings.of_host(),
            cpus_per_instance=ground.settings.instance_cpus,
            gpu_types=GpuTypes(refuse=ground.settings.gpu_types == "refuse"),
            model_cache=ground.settings.model_cache,
            isolated_door=ground.isolated_door,
        ),
        # Memory fills up in the machine's seconds.
        capacity=Capacity(SystemClock(), places=ground.cluster.places if ground.cluster else None),
        images=_images(ground, environments, rooms.ecr),
        node_data=ground.cluster.data if ground.cluster else None,
    )
    alarms = rooms.cloudwatch.watched_alarms(iam.authorizer)
    servers = JupyterServers(
        ground.folder.jobs / "notebook-instances",
        means,
        environments,
        ground.isolated_door,
        data_option(ground.folder.root),
    )
    needs = NotebookNeeds(servers, iam.authorizer, ground.settings.notebook_idle_s)
    tracking = TrackingNeeds(environments, iam.authorizer)
    return SageMakerService(
        *(ground.database, means, directory, iam.resource_documents, alarms, needs),
        LateFunctions(rooms),
        tracking,
    )


def _images(ground: Ground, environments: Environments, registry: EcrService) -> Images:
    builds = None
    if ground.settings.images == "build" and environments.built is not None:
        builds = Builds(environments.built, len(gpu_indices()))
    return Images(environments, data_option(ground.folder.root), builds, registry.images)


def _runtime(rooms: Rooms, directory: EndpointDirectory) -> SageMakerRuntimeService:
    ground = rooms.ground
    return SageMakerRuntimeService(
        directory=directory,
        clock=ground.clock,
        ids=ground.ids,
        metrics=rooms.cloudwatch.sink,
        surroundings=RuntimeSurroundings(
            ground.folder.jobs, rooms.s3.objects, rooms.iam.roles, rooms.logs.sink, ground.database
        ),
    )
