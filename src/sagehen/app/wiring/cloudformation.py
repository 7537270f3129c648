"""CloudFormation: stacks of everybody else's resources."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.services.cloudformation.service import CloudFormationService
from sagehen.services.iam.service import IamService
from sagehen.services.s3.service import S3Service


def cloudformation(ground: Ground, identity: IamService, objects: S3Service) -> CloudFormationService:
    """Build it."""
    return CloudFormationService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        roles=identity.roles,
        objects=objects.objects,
    )
