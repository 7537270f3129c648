"""Resource policies of APIs: checked and stored as AWS stores them, shown as AWS shows them."""

from __future__ import annotations

import json
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.domain.policies import PolicyFault, PolicyKind
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.domain.scope import Scope
from sagehen.services.apigateway.errors import BadRequestException

# Documented: API Gateway resource policy examples: AWS puts the API's own ARN before the slash.
_SHORTHAND = "execute-api:/"


def stored_policy(scope: Scope, api_id: str, policy: str, documents: ResourceDocuments) -> str:
    """Return the policy with `execute-api:/stage/VERB/path` made whole ARNs.

    Raises:
        BadRequestException: It is not a resource policy.
    """
    try:
        document = read_json(policy)
    except NotJson:
        raise _invalid() from None
    if not isinstance(document, dict):
        raise _invalid()
    statements = document.get("Statement")
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            raise _invalid()
        for member in ("Resource", "NotResource"):
            if member in statement:
                statement[member] = _expanded(scope, api_id, statement[member])
    try:
        return documents.stored(json.dumps(document, separators=(",", ":")), PolicyKind.RESOURCE)
    except PolicyFault:
        raise _invalid() from None


def shown_policy(policy: str, documents: ResourceDocuments) -> str:
    """Return the policy as GetRestApi answers: escaped once more than JSON needs, as AWS does."""
    # Recorded: clients decode what GetRestApi answers once more than they should have to.
    return json.dumps(documents.shown(policy))[1:-1]


def _expanded(scope: Scope, api_id: str, resource: Any) -> Any:
    if isinstance(resource, list):
        return [_expanded(scope, api_id, one) for one in resource]
    if isinstance(resource, str) and resource.startswith(_SHORTHAND):
        return scope.arn("execute-api", f"{api_id}/{resource.removeprefix(_SHORTHAND)}")
    return resource


def _invalid() -> BadRequestException:
    return BadRequestException(
        "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."
    )
