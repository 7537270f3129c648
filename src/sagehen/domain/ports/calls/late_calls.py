"""Operations of the platform and their shapes, which exist once its front door does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.identity import Principal
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.ports.calls.shapes import Shapes
from sagehen.domain.scope import Scope


class LateCalls:
    """Implements OperationCalls.

    Attributes:
        calls: Set by `app`, before anything is started.
    """

    def __init__(self) -> None:
        self.calls: OperationCalls | None = None

    async def call(
        self, principal: Principal, scope: Scope, service: str, operation: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """See OperationCalls."""
        assert self.calls is not None, "the front door is not connected"
        return await self.calls.call(principal, scope, service, operation, request)


class LateShapes:
    """Implements Shapes.

    Attributes:
        shapes: Set by `app`, before anything is started.
    """

    def __init__(self) -> None:
        self.shapes: Shapes | None = None

    def shaped(
        self, service: str, operation: str, values: Mapping[str, Any], *, beside: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        """See Shapes."""
        assert self.shapes is not None, "the front door is not connected"
        return self.shapes.shaped(service, operation, values, beside=beside)

    def members(self, service: str, operation: str) -> frozenset[str]:
        """See Shapes."""
        assert self.shapes is not None, "the front door is not connected"
        return self.shapes.members(service, operation)
