"""CloudFormation: stacks of everybody else's resources."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.gateway.pages.stack_signals import HOST, PATH
from sagehen.services.cloudformation.service import CloudFormationService
from sagehen.services.iam.service import IamService
from sagehen.services.s3.service import S3Service


def cloudformation(ground: Ground, identity: IamService, objects: S3Service) -> CloudFormationService:
    """Build it."""
    # Inside sandboxes the door has the same port of their own loopback.
    signal_url = f"http://127.0.0.1:{ground.port}{PATH}?key="
    return CloudFormationService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        roles=identity.roles,
        authorizer=identity.authorizer,
        objects=objects.objects,
        signal_url=signal_url,
        # Handlers speak TLS at port 443, whatever they are told; without sandboxes nobody could answer there.
        reply_url=f"https://{HOST}{PATH}?key=" if ground.executor.has_private_networks else signal_url,
    )
