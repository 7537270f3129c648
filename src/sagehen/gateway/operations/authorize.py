"""The step that asks IAM: everything that an operation needs must be allowed before its handler runs."""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import BoundOperation
from sagehen.domain.ports.identity.authorization import Authorizer


def authorize(
    authorizer: Authorizer, operation: BoundOperation, context: RequestContext, request: dict[str, Any]
) -> None:
    """Check every access of the operation.

    Raises:
        AccessDenied: By the evaluator, in AWS's words.
        ServiceError: Where AWS itself answers so to callers without rights.
    """
    accesses = operation.accesses(context, request)
    if not accesses:
        return
    environment = context.condition_keys()
    for access in accesses:
        authorizer.authorize(context.principal, access, environment)
