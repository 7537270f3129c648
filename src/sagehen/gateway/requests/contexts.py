"""What an operation is told of the request that it answers."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope
from sagehen.gateway.requests.incoming import Incoming


def context_of(
    incoming: Incoming, service: str, operation: str, scope: Scope, principal: Principal
) -> RequestContext:
    """Return the context of an operation.

    Args:
        service, operation: By the names of the models.
        principal: Who asks, as was proved.
    """
    return RequestContext(
        request_id=incoming.request_id,
        service=service,
        operation=operation,
        scope=scope,
        principal=principal,
        received_at=incoming.received_at,
        source_ip=incoming.peer,
        secure=incoming.secure,
        host=incoming.host,
        headers=incoming.headers,
        from_sandbox=incoming.from_sandbox,
        departed=incoming.departed,
    )
