"""Rooms: every service, in the order of their start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from sagehen.api.component import ServiceComponent
from sagehen.api.operation import Service
from sagehen.app.wiring import (
    apigateway,
    application_autoscaling,
    circles,
    cloudformation,
    ec2,
    ecr,
    iam,
    kms,
    lambda_,
    machine_doors,
    observability,
    s3,
    sagemaker,
    ssm,
)
from sagehen.app.wiring.ground import Ground
from sagehen.console.ledger.ledger import Ledger
from sagehen.domain.identity import Credentials
from sagehen.services.apigateway.service import ApiGatewayService
from sagehen.services.application_autoscaling.service import ApplicationAutoScalingService
from sagehen.services.cloudformation.service import CloudFormationService
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.ec2.service import Ec2Service
from sagehen.services.ec2.ssh.doors import MachineDoors
from sagehen.services.ec2_instance_connect.service import Ec2InstanceConnectService
from sagehen.services.ecr.service import EcrService
from sagehen.services.iam.service import IamService
from sagehen.services.kms.service import KmsService
from sagehen.services.lambda_.execution.local_environments import LocalEnvironments
from sagehen.services.lambda_.service import LambdaService
from sagehen.services.logs.service import LogsService
from sagehen.services.s3.service import S3Service
from sagehen.services.sagemaker.service import SageMakerService
from sagehen.services.sagemaker_runtime.service import SageMakerRuntimeService
from sagehen.services.ssm.service import SsmService
from sagehen.serving.directory import EndpointDirectory


@dataclass(frozen=True, slots=True)
class Rooms:
    """The services, in the order of their start: what later ones write to comes first."""

    iam: IamService
    kms: KmsService
    s3: S3Service
    ecr: EcrService
    logs: LogsService
    cloudwatch: CloudWatchService
    ec2: Ec2Service
    machine_doors: MachineDoors
    instance_connect: Ec2InstanceConnectService
    ssm: SsmService
    sagemaker: SageMakerService
    runtime: SageMakerRuntimeService
    functions: LambdaService
    apigateway: ApiGatewayService
    scaling: ApplicationAutoScalingService
    cloudformation: CloudFormationService
    environments: LocalEnvironments
    ledger: Ledger

    @property
    def components(self) -> Sequence[ServiceComponent]:
        """What is started in this order, and stopped in the reverse one."""
        rooms = (getattr(self, field.name) for field in fields(self))
        return [room for room in rooms if isinstance(room, ServiceComponent)]

    @property
    def services(self) -> Sequence[Service]:
        """What the front door calls."""
        return [service for component in self.components for service in component.services]


def build(ground: Ground, roots: dict[str, Credentials]) -> Rooms:
    """Build every service and tell each what it needs of the others.

    Args:
        ground: What they stand on.
        roots: Account id -> keys of its root user.
    """
    identity = iam.iam(ground, roots)
    keys = kms.kms(ground, identity)
    objects = s3.s3(ground, identity, keys)
    registry = ecr.ecr(ground, identity)
    metrics = observability.cloudwatch(ground)
    logs = observability.logs(ground, metrics)
    directory = EndpointDirectory()
    environments = lambda_.environments(ground, identity, logs, registry)
    functions = lambda_.functions(ground, identity, objects, metrics, environments, registry)
    hosting = sagemaker.sagemaker(*(ground, identity, objects, logs, metrics), directory, registry, functions)
    doors = machine_doors.doors(ground)
    machines = ec2.ec2(ground, identity, metrics, hosting, doors)
    rooms = Rooms(
        iam=identity,
        kms=keys,
        s3=objects,
        ecr=registry,
        logs=logs,
        cloudwatch=metrics,
        ec2=machines,
        machine_doors=doors,
        instance_connect=machine_doors.instance_connect(doors),
        ssm=ssm.ssm(ground, keys, machines, doors),
        sagemaker=hosting,
        runtime=sagemaker.sagemaker_runtime(ground, identity, objects, logs, metrics, directory),
        functions=functions,
        apigateway=apigateway.apigateway(ground, identity, logs, metrics, functions),
        scaling=application_autoscaling.application_autoscaling(
            ground, identity, metrics, hosting, functions
        ),
        cloudformation=cloudformation.cloudformation(ground, identity, objects),
        environments=environments,
        ledger=Ledger(ground.database, ground.clock, (hosting.running, functions.running), machines.bills),
    )
    circles.close(
        iam=identity,
        kms=keys,
        s3=objects,
        ecr=registry,
        logs=logs,
        cloudwatch=metrics,
        ec2=rooms.ec2,
        ssm=rooms.ssm,
        sagemaker=hosting,
        functions=functions,
        apigateway=rooms.apigateway,
        scaling=rooms.scaling,
        cloudformation=rooms.cloudformation,
    )
    return rooms
