"""S3: buckets and objects, encrypted with keys of KMS."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.services.iam.service import IamService
from sagehen.services.kms.service import KmsService
from sagehen.services.s3.service import S3Service


def s3(ground: Ground, iam: IamService, kms: KmsService) -> S3Service:
    """Build it."""
    return S3Service(
        database=ground.database,
        folder=ground.folder.objects,
        clock=ground.clock,
        ids=ground.ids,
        authorizer=iam.authorizer,
        documents=iam.resource_documents,
        keys=kms.keys,
    )
