"""Rooms: every service, typed; those that are built when they are first needed are no attributes before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sagehen.app.wiring.ground import Ground
    from sagehen.console.ledger.ledger import Ledger
    from sagehen.gateway.door.front_door import FrontDoor
    from sagehen.protocol.models.catalog import Catalog
    from sagehen.services.apigateway.service import ApiGatewayService
    from sagehen.services.application_autoscaling.service import ApplicationAutoScalingService
    from sagehen.services.cloudformation.service import CloudFormationService
    from sagehen.services.cloudwatch.service import CloudWatchService
    from sagehen.services.ec2.service import Ec2Service
    from sagehen.services.ec2.ssh.acts import SshActs
    from sagehen.services.ec2.ssh.doors import MachineDoors
    from sagehen.services.ec2.ssh.terminals import TerminalsForConsole
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


class Rooms:
    """What is built, by name.

    Nothing here is imported for it: whoever reads an attribute says in the plan that he needs its room, or
    awaits `need` before.

    Args:
        ground: What all of them stand on.

    Attributes:
        need: Builds and starts a room of the plan where it is not there yet.
        has: Whether it is there.
    """

    iam: IamService
    kms: KmsService
    s3: S3Service
    ledger: Ledger
    ecr: EcrService
    logs: LogsService
    cloudwatch: CloudWatchService
    sagemaker: SageMakerService
    runtime: SageMakerRuntimeService
    environments: LocalEnvironments
    functions: LambdaService
    machine_doors: MachineDoors
    terminals: TerminalsForConsole
    ssh: SshActs
    ec2: Ec2Service
    ssm: SsmService
    apigateway: ApiGatewayService
    scaling: ApplicationAutoScalingService
    cloudformation: CloudFormationService
    door: FrontDoor
    catalog: Catalog

    def __init__(
        self, ground: Ground, need: Callable[[str], Awaitable[None]], has: Callable[[str], bool]
    ) -> None:
        self.ground = ground
        self.need = need
        self.has = has
