"""Lambda: functions, and the execution environments that they run in."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.wiring.rooms import Rooms
from sagehen.concurrency.waiting_line import Patience
from sagehen.gateway.pages.stack_signals import HOST
from sagehen.services.lambda_.execution.container import TlsDoor
from sagehen.services.lambda_.execution.local_environments import LocalEnvironments
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.service import LambdaService


def build(rooms: Rooms) -> Sequence[ServiceComponent]:
    """Build it, with what starts execution environments on this machine."""
    ground, iam = rooms.ground, rooms.iam
    rooms.environments = LocalEnvironments(
        executor=ground.executor,
        folder=ground.folder.functions / "environments",
        roles=iam.roles,
        logs=rooms.logs.sink,
        clock=ground.clock,
        ids=ground.ids,
        platform_port=ground.port,
        ca_file=ground.folder.ca_certificate,
        isolated_door=ground.isolated_door,
        tls_door=TlsDoor(HOST, ground.replies_door),
        images=rooms.ecr.images,
    )
    patience_s = ground.settings.queue_excess_s
    rooms.functions = LambdaService(
        Premises(
            database=ground.database,
            folder=ground.folder.functions / "code",
            clock=ground.clock,
            ids=ground.ids,
            roles=iam.roles,
            objects=rooms.s3.objects,
            authorizer=iam.authorizer,
            documents=iam.resource_documents,
            metrics=rooms.cloudwatch.sink,
            environments=rooms.environments,
            images=rooms.ecr.images,
            patience=None if patience_s is None else Patience(patience_s),
        )
    )
    return (rooms.functions,)
