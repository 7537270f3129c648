"""Wiring: every service of the platform, built and connected. Effects begin with `start`, not here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.api.component import ServiceComponent
from sagehen.api.operation import Service
from sagehen.app.data_folder import DataFolder
from sagehen.app.settings import Settings
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials
from sagehen.domain.ids import Ids
from sagehen.executors.base import Executor
from sagehen.services.apigateway.service import ApiGatewayService
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.iam.service import IamService
from sagehen.services.kms.service import KmsService
from sagehen.services.lambda_.execution.local_environments import LocalEnvironments
from sagehen.services.lambda_.service import LambdaService
from sagehen.services.logs.service import LogsService
from sagehen.services.s3.service import S3Service
from sagehen.services.sagemaker import pip_settings
from sagehen.services.sagemaker.instances.gpu_types import GpuTypes
from sagehen.services.sagemaker.service import SageMakerService
from sagehen.services.sagemaker.surroundings import Surroundings
from sagehen.services.sagemaker_runtime.service import SageMakerRuntimeService
from sagehen.serving.directory import EndpointDirectory
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True)
class Rooms:
    """The services, in the order of their start: what later ones write to comes first."""

    iam: IamService
    kms: KmsService
    s3: S3Service
    logs: LogsService
    cloudwatch: CloudWatchService
    sagemaker: SageMakerService
    runtime: SageMakerRuntimeService
    functions: LambdaService
    apigateway: ApiGatewayService
    environments: LocalEnvironments

    @property
    def components(self) -> Sequence[ServiceComponent]:
        return (
            self.iam,
            self.kms,
            self.s3,
            self.logs,
            self.cloudwatch,
            self.sagemaker,
            self.runtime,
            self.functions,
            self.apigateway,
        )

    @property
    def services(self) -> Sequence[Service]:
        return [service for component in self.components for service in component.services]


@dataclass(frozen=True, slots=True)
class Ground:
    """What every service stands on."""

    settings: Settings
    folder: DataFolder
    database: Database
    clock: Clock
    ids: Ids
    executor: Executor
    port: int


def build(ground: Ground, roots: dict[str, Credentials]) -> Rooms:
    """Build every service and tell each what it needs of the others."""
    iam = IamService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        root_accounts={account: (credentials,) for account, credentials in roots.items()},
    )
    kms = KmsService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        documents=iam.resource_documents,
        authorizer=iam.authorizer,
    )
    s3 = S3Service(
        database=ground.database,
        folder=ground.folder.objects,
        clock=ground.clock,
        ids=ground.ids,
        authorizer=iam.authorizer,
        documents=iam.resource_documents,
        keys=kms.keys,
    )
    cloudwatch = CloudWatchService(database=ground.database, clock=ground.clock, ids=ground.ids)
    logs = LogsService(database=ground.database, clock=ground.clock, ids=ground.ids, metrics=cloudwatch.sink)
    directory = EndpointDirectory()
    environments = _environments(ground, iam, logs)
    functions = LambdaService(
        database=ground.database,
        folder=ground.folder.functions / "code",
        clock=ground.clock,
        ids=ground.ids,
        roles=iam.roles,
        objects=s3.objects,
        authorizer=iam.authorizer,
        documents=iam.resource_documents,
        metrics=cloudwatch.sink,
        environments=environments,
    )
    rooms = Rooms(
        iam=iam,
        kms=kms,
        s3=s3,
        logs=logs,
        cloudwatch=cloudwatch,
        sagemaker=_sagemaker(ground, iam, s3, logs, cloudwatch, directory),
        runtime=SageMakerRuntimeService(
            directory=directory, clock=ground.clock, ids=ground.ids, metrics=cloudwatch.sink
        ),
        functions=functions,
        apigateway=_apigateway(ground, iam, logs, cloudwatch, functions),
        environments=environments,
    )
    _connect(rooms)
    return rooms


def _sagemaker(
    ground: Ground,
    iam: IamService,
    s3: S3Service,
    logs: LogsService,
    cloudwatch: CloudWatchService,
    directory: EndpointDirectory,
) -> SageMakerService:
    return SageMakerService(
        database=ground.database,
        folder=ground.folder.jobs,
        clock=ground.clock,
        ids=ground.ids,
        roles=iam.roles,
        objects=s3.objects,
        logs=logs.sink,
        metrics=cloudwatch.sink,
        executor=ground.executor,
        directory=directory,
        surroundings=Surroundings(
            platform_port=ground.port,
            ca_file=ground.folder.ca_certificate,
            pip=pip_settings.of_host(),
            cpus_per_instance=ground.settings.instance_cpus,
            gpu_types=GpuTypes(refuse=ground.settings.gpu_types == "refuse"),
            model_cache=ground.settings.model_cache,
        ),
    )


def _environments(ground: Ground, iam: IamService, logs: LogsService) -> LocalEnvironments:
    return LocalEnvironments(
        executor=ground.executor,
        folder=ground.folder.functions / "environments",
        roles=iam.roles,
        logs=logs.sink,
        clock=ground.clock,
        ids=ground.ids,
        platform_port=ground.port,
        ca_file=ground.folder.ca_certificate,
    )


def _apigateway(
    ground: Ground,
    iam: IamService,
    logs: LogsService,
    cloudwatch: CloudWatchService,
    functions: LambdaService,
) -> ApiGatewayService:
    return ApiGatewayService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        roles=iam.roles,
        authorizer=iam.authorizer,
        documents=iam.authorizer,
        resource_documents=iam.resource_documents,
        functions=functions.invoker,
        logs=logs.sink,
        metrics=cloudwatch.sink,
    )


def _connect(rooms: Rooms) -> None:
    """Close the circles: what a service built earlier needs of a later one."""
    policies = rooms.iam.authorizer.resource_policies
    policies["kms"] = rooms.kms.resource_policies
    policies["s3"] = rooms.s3.resource_policies
    policies["lambda"] = rooms.functions.resource_policies
    policies["execute-api"] = rooms.apigateway.resource_policies
    tags = rooms.iam.authorizer.resource_tags
    tags["sagemaker"] = rooms.sagemaker.resource_tags
    tags["lambda"] = rooms.functions.resource_tags
    tags["cloudwatch"] = rooms.cloudwatch.resource_tags
    tags["logs"] = rooms.logs.resource_tags
    rooms.s3.events.notifier = rooms.functions.notifier
    rooms.logs.deliveries.functions = rooms.functions.log_subscribers
    rooms.cloudwatch.alarm_actions.functions = rooms.functions.invoker
