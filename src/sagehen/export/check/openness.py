"""What is open: to anybody who knows the address, or to whoever reads the template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.export.graph.chain import listed, statements
from sagehen.export.graph.exported import Exported
from sagehen.export.graph.node import Node

# Of variables: names under which people keep what nobody may read.
_SECRET = re.compile(r"secret|passw|token|credential|private|api_?key|access_?key", re.IGNORECASE)


def openness(told: Exported) -> Iterator[str]:
    """Yield what anybody may do."""
    for node in told.nodes:
        name, found = node.label, node.properties
        if node.type == "AWS::Lambda::Url" and found.get("AuthType") == "NONE":
            yield f"anybody may call the URL of the function {name.strip()}"
        elif node.type == "AWS::ApiGateway::Method" and _is_open(found):
            yield f"anybody may call {name}: neither an authorizer nor a key"
        elif node.type == "AWS::Lambda::Permission" and found.get("Principal") == "*":
            if found.get("Action") != "lambda:InvokeFunctionUrl":
                yield f"anybody may {found.get('Action')}: {name}"
        elif node.type == "AWS::S3::BucketPolicy" and _lets_anybody(found.get("PolicyDocument")):
            yield f"anybody may use the bucket {name}, by its policy"
        elif node.type == "AWS::S3::Bucket" and not all(_blocked(found)):
            yield f"the bucket {name} does not block all public access"


def _blocked(bucket: Mapping[str, Any]) -> list[bool]:
    """Return what is blocked of the four; a bucket that says nothing blocks all."""
    return [bool(one) for one in (bucket.get("PublicAccessBlockConfiguration") or {}).values()]


def _is_open(method: Mapping[str, Any]) -> bool:
    is_preflight = method.get("HttpMethod") == "OPTIONS"
    return method.get("AuthorizationType") == "NONE" and not method.get("ApiKeyRequired") and not is_preflight


def _lets_anybody(document: Any) -> bool:
    for statement in statements(document):
        principal = statement.get("Principal")
        named = (
            [one for value in principal.values() for one in listed(value)]
            if isinstance(principal, dict)
            else [principal]
        )
        if statement.get("Effect") == "Allow" and "*" in named and not statement.get("Condition"):
            return True
    return False


def secrets(told: Exported) -> Iterator[str]:
    """Yield variables whose values look like secrets: they are in the template as they are here."""
    for node in told.nodes:
        for where, variables in _environments(node):
            for name in variables:
                if _SECRET.search(str(name)):
                    yield f"the value of {name} of {where} is in the template"


def _environments(node: Node) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = node.properties
    if node.type == "AWS::Lambda::Function":
        yield f"the function {node.label}", (found.get("Environment") or {}).get("Variables") or {}
    elif node.type == "AWS::SageMaker::Model":
        for container in (found.get("PrimaryContainer"), *found.get("Containers", ())):
            yield f"the model {node.label}", (container or {}).get("Environment") or {}
