"""ECR: registries of images, whose contents lie in the data folder."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.images.contents import ContentStore
from sagehen.images.roots.store import RootStore
from sagehen.services.ecr.service import EcrService
from sagehen.services.iam.service import IamService


def ecr(ground: Ground, iam: IamService) -> EcrService:
    """Build it."""
    return EcrService(
        database=ground.database,
        contents=ContentStore(ground.folder.images, ground.ids),
        roots=RootStore(ground.folder.images / "roots"),
        clock=ground.clock,
        identities=iam.identities,
        authorizer=iam.authorizer,
        documents=iam.resource_documents,
    )
