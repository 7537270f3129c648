"""GetAuthorizationToken, DescribeRegistry."""

from __future__ import annotations

import base64
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.scope import Scope
from sagehen.services.ecr.access.tokens import Tokens
from sagehen.services.ecr.repositories.repository import host_of


class Registry:
    """Operations on an account's registry."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    @operation("GetAuthorizationToken")
    async def get_authorization_token(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return what clients of the registry's protocol log in with."""
        made = []
        for account_id in request.get("registryIds") or [context.scope.account_id]:
            scope = Scope(account_id, context.scope.region)
            password, expires = await self._tokens.make(context.principal, scope)
            token = base64.b64encode(f"AWS:{password}".encode()).decode()
            made.append(
                {
                    "authorizationToken": token,
                    "expiresAt": expires,
                    "proxyEndpoint": f"https://{host_of(scope)}",
                }
            )
        return {"authorizationData": made}

    @operation("DescribeRegistry")
    async def describe_registry(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Describe it: nothing is replicated."""
        return {"registryId": context.scope.account_id, "replicationConfiguration": {"rules": []}}
