"""Who am I: GetCallerIdentity, GetAccessKeyInfo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.services.iam.errors import ValidationError
from sagehen.services.iam.sessions.signing_keys import StoredIdentities


def _nothing(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Nobody needs a right for this one, and no Deny takes it away."""
    yield from ()


class Caller:
    """Operations about the keys that a request was signed with."""

    def __init__(self, identities: StoredIdentities) -> None:
        self._identities = identities

    @operation("GetCallerIdentity", access=_nothing)
    async def get_caller_identity(self, context: RequestContext, request: Request) -> dict[str, Any]:
        caller = context.principal
        return {
            "UserId": caller.user_id or caller.account_id,
            "Account": caller.account_id,
            "Arn": caller.arn,
        }

    @operation("GetAccessKeyInfo")
    async def get_access_key_info(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self._identities.signing_key(request["AccessKeyId"])
        if key is None:
            raise ValidationError("The access key ID is not valid.")
        return {"Account": key.principal.account_id}
