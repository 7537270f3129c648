"""The platform's own operations, called inside it in somebody's name. Between services and the front door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope


class OperationCalls(Protocol):
    """AWS operations by name, without a wire between (implemented by the front door).

    Requests are checked against AWS's model and against the principal's rights, like anybody's.
    """

    async def call(
        self, principal: Principal, scope: Scope, service: str, operation: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Perform an operation and return its result, by the member names of botocore's model.

        Args:
            service: botocore's name of it.

        Raises:
            ServiceError, AccessDenied: As the operation answers.
        """
        ...
