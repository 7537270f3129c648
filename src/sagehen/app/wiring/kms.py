"""KMS: keys, guarded by policies that IAM evaluates."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.services.iam.service import IamService
from sagehen.services.kms.service import KmsService


def kms(ground: Ground, iam: IamService) -> KmsService:
    """Build it."""
    return KmsService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        documents=iam.resource_documents,
        authorizer=iam.authorizer,
    )
