"""What API Gateway's operations need to be allowed.

Its actions are HTTP verbs and its ARNs paths of its own REST API, without an account:
`apigateway:PUT` on `arn:aws:apigateway:REGION::/restapis/ID/resources/ID/methods/GET`.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import quote

from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.scope import Scope

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


def resource_arn(scope: Scope, path: str) -> str:
    """Return the ARN of a path of the control plane (`/restapis/ID`)."""
    return f"arn:{scope.partition}:apigateway:{scope.region}::{path}"


def via(verb: Verb, path: str) -> AccessRule:
    """Make the rule of an operation: its verb on its path, `{member}` holes filled from the input."""

    # Ids and names come from clients: a `/` in one must not become a path of another resource.
    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        names = {key: quote(value, safe="") for key, value in request.items() if isinstance(value, str)}
        arn = resource_arn(context.scope, path.format_map(names))
        yield Access(f"apigateway:{verb}", arn, _conditions(owner, context, request))

    return rule


def _conditions(owner: Any, context: RequestContext, request: Request) -> dict[str, ConditionValue]:
    keys: dict[str, ConditionValue] = {}
    tags = request.get("tags")
    if isinstance(tags, dict):
        keys.update({f"aws:RequestTag/{key}": value for key, value in tags.items()})
        keys["aws:TagKeys"] = tuple(tags)
    if tag_keys := request.get("tagKeys"):
        keys["aws:TagKeys"] = tuple(tag_keys)
    # Of the API: tags of stages, keys and plans are not looked at here.
    if api_id := request.get("restApiId"):
        settings = owner.records.settings_of(context.scope, api_id)
        for key, value in ((settings or {}).get("tags") or {}).items():
            keys[f"aws:ResourceTag/{key}"] = value
    return keys
