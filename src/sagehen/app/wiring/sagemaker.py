"""SageMaker and its runtime: jobs and endpoints, and the invocations of endpoints."""

from __future__ import annotations

from sagehen.app.settings import data_option
from sagehen.app.wiring.ground import Ground
from sagehen.domain.clock import SystemClock
from sagehen.executors.environments import pip_settings
from sagehen.executors.environments.builds import Builds
from sagehen.executors.environments.resolver import Environments
from sagehen.executors.hardware.gpus import gpu_indices
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.ecr.service import EcrService
from sagehen.services.iam.service import IamService
from sagehen.services.lambda_.service import LambdaService
from sagehen.services.logs.service import LogsService
from sagehen.services.s3.service import S3Service
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


def sagemaker(
    ground: Ground,
    iam: IamService,
    s3: S3Service,
    logs: LogsService,
    cloudwatch: CloudWatchService,
    directory: EndpointDirectory,
    registry: EcrService,
    functions: LambdaService,
) -> SageMakerService:
    """Build it. Endpoints are entered in `directory`."""
    environments = Environments(ground.folder.environments)
    means = Means(
        folder=ground.folder.jobs,
        clock=ground.clock,
        ids=ground.ids,
        roles=iam.roles,
        objects=s3.objects,
        logs=logs.sink,
        metrics=cloudwatch.sink,
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
        images=_images(ground, environments, registry),
        node_data=ground.cluster.data if ground.cluster else None,
    )
    alarms = cloudwatch.watched_alarms(iam.authorizer)
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
        functions.invoker,
        tracking,
    )


def _images(ground: Ground, environments: Environments, registry: EcrService) -> Images:
    builds = None
    if ground.settings.images == "build" and environments.built is not None:
        builds = Builds(environments.built, len(gpu_indices()))
    return Images(environments, data_option(ground.folder.root), builds, registry.images)


def sagemaker_runtime(
    ground: Ground,
    iam: IamService,
    s3: S3Service,
    logs: LogsService,
    cloudwatch: CloudWatchService,
    directory: EndpointDirectory,
) -> SageMakerRuntimeService:
    """Build it. Invocations go to what `directory` holds."""
    return SageMakerRuntimeService(
        directory=directory,
        clock=ground.clock,
        ids=ground.ids,
        metrics=cloudwatch.sink,
        surroundings=RuntimeSurroundings(
            ground.folder.jobs, s3.objects, iam.roles, logs.sink, ground.database
        ),
    )
