"""What each platform has from its start: who may do what, keys, buckets, and the sum of what ran."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.wiring.rooms import Rooms
from sagehen.console.ledger.ledger import Ledger
from sagehen.domain.identity import Credentials
from sagehen.services.iam.service import IamService
from sagehen.services.kms.service import KmsService
from sagehen.services.s3.service import S3Service


def build(rooms: Rooms, roots: dict[str, Credentials]) -> Sequence[ServiceComponent]:
    """Build it.

    Args:
        roots: Account id -> keys of its root user.
    """
    ground = rooms.ground
    rooms.iam = iam = IamService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        root_accounts={account: (credentials,) for account, credentials in roots.items()},
    )
    rooms.kms = kms = KmsService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        documents=iam.resource_documents,
        authorizer=iam.authorizer,
    )
    rooms.s3 = s3 = S3Service(
        database=ground.database,
        folder=ground.folder.objects,
        clock=ground.clock,
        ids=ground.ids,
        authorizer=iam.authorizer,
        documents=iam.resource_documents,
        keys=kms.keys,
    )
    rooms.ledger = Ledger(ground.database, ground.clock)
    return iam, kms, s3
