"""IAM and STS: first of all, since everything else asks them."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.domain.identity import Credentials
from sagehen.services.iam.service import IamService


def iam(ground: Ground, roots: dict[str, Credentials]) -> IamService:
    """Build it. `roots` holds the root user's keys by account."""
    return IamService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        root_accounts={account: (credentials,) for account, credentials in roots.items()},
    )
