"""Lambda: functions, and the execution environments that they run in."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.concurrency.waiting_line import Patience
from sagehen.gateway.pages.stack_signals import HOST
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.ecr.service import EcrService
from sagehen.services.iam.service import IamService
from sagehen.services.lambda_.execution.container import TlsDoor
from sagehen.services.lambda_.execution.local_environments import LocalEnvironments
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.service import LambdaService
from sagehen.services.logs.service import LogsService
from sagehen.services.s3.service import S3Service


def environments(
    ground: Ground, iam: IamService, logs: LogsService, registry: EcrService
) -> LocalEnvironments:
    """Build what starts execution environments on this machine."""
    return LocalEnvironments(
        executor=ground.executor,
        folder=ground.folder.functions / "environments",
        roles=iam.roles,
        logs=logs.sink,
        clock=ground.clock,
        ids=ground.ids,
        platform_port=ground.port,
        ca_file=ground.folder.ca_certificate,
        isolated_door=ground.isolated_door,
        tls_door=TlsDoor(HOST, ground.replies_door),
        images=registry.images,
    )


def functions(
    ground: Ground,
    iam: IamService,
    s3: S3Service,
    cloudwatch: CloudWatchService,
    environments: LocalEnvironments,
    registry: EcrService,
) -> LambdaService:
    """Build it."""
    patience_s = ground.settings.queue_excess_s
    return LambdaService(
        Premises(
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
            images=registry.images,
            patience=None if patience_s is None else Patience(patience_s),
        )
    )
