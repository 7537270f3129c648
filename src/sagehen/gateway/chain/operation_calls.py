"""Operations that the platform calls of itself, without a wire: checked and authorized like anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.gateway.operations.authorize import authorize
from sagehen.gateway.operations.table import OperationTable
from sagehen.protocol.validation.validate import validate


class InnerOperations:
    """Implements OperationCalls.

    Args:
        table: What is declared.
        clock: The platform's.
        ids: Draws request ids.
        host: Of this door over loopback: URLs that operations answer lead there.
    """

    def __init__(
        self, table: OperationTable, authorizer: Authorizer, clock: Clock, ids: Ids, host: str
    ) -> None:
        self._table = table
        self._authorizer = authorizer
        self._clock = clock
        self._ids = ids
        self._host = host

    async def call(
        self, principal: Principal, scope: Scope, service: str, operation: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """See OperationCalls."""
        bound = await self._table.declared(service, operation)
        wanted = {member: value for member, value in request.items() if value is not None}
        model = await self._table.model(service, operation)
        validate(model, model.service.protocols[0], wanted)
        context = RequestContext(
            request_id=self._ids.uuid(),
            service=service,
            operation=operation,
            scope=scope,
            principal=principal,
            received_at=self._clock.now(),
            host=self._host,
            from_sandbox=True,  # on somebody's behalf, not by this machine's owner
        )
        authorize(self._authorizer, bound, context, wanted)
        answer = await bound.handler(context, wanted)
        return answer.result if isinstance(answer, Reply) else answer or {}
