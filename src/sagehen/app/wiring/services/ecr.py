"""ECR: registries of images, whose contents lie in the data folder."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.wiring.rooms import Rooms
from sagehen.images.contents import ContentStore
from sagehen.images.roots.store import RootStore
from sagehen.services.ecr.service import EcrService


def build(rooms: Rooms) -> Sequence[ServiceComponent]:
    """Build it."""
    ground, iam = rooms.ground, rooms.iam
    rooms.ecr = EcrService(
        database=ground.database,
        contents=ContentStore(ground.folder.images, ground.ids),
        roots=RootStore(ground.folder.images / "roots"),
        clock=ground.clock,
        identities=iam.identities,
        authorizer=iam.authorizer,
        documents=iam.resource_documents,
    )
    return (rooms.ecr,)
