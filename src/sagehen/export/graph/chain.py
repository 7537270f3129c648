"""Chain: what belongs to one endpoint, from its model's data to the API in front of who calls it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from sagehen.export.graph.node import Node, references, settings_of
from sagehen.export.graph.used_policies import Uses
from sagehen.export.graph.values import Key

ENDPOINT, FUNCTION, ROLE = "AWS::SageMaker::Endpoint", "AWS::Lambda::Function", "AWS::IAM::Role"
_BUCKET = "AWS::S3::Bucket"
_INVOKE = "sagemaker:invokeendpoint"


def chain(nodes: Collection[Node], endpoint: str, callers: Collection[Key]) -> list[Node]:
    """Return the nodes of an endpoint's chain, as they came.

    What a member refers to is in it, and so is what is part of a member.

    Args:
        nodes: Linked.
        callers: Functions that call the endpoint.

    Raises:
        ValueError: There is no such endpoint.
    """
    by_key = {node.key: node for node in nodes}
    start = Key(ENDPOINT, endpoint)
    if start not in by_key:
        raise ValueError(f"there is no endpoint {endpoint} here")
    parts: dict[Key, list[Key]] = {}
    for node in nodes:
        for key in node.part_of:
            parts.setdefault(key, []).append(node.key)
    found: dict[Key, None] = {}
    left = [start, *callers]
    while left:
        key = left.pop()
        if key in found or key not in by_key:
            continue
        found[key] = None
        node = by_key[key]
        # What a role may read of other buckets makes them nobody's chain.
        of_node = settings_of(node) if node.type != ROLE else ()
        buckets = [Key(_BUCKET, setting.here) for setting in of_node if setting.kind == "bucket"]
        left += [*references(node), *parts.get(key, ()), *buckets]
    return [node for node in nodes if node.key in found]


def callers_of(nodes: Collection[Node], endpoint: str, arn: str, used: Mapping[str, Uses]) -> list[Key]:
    """Return the functions that call an endpoint: that are told its name, whose role has called it, or whose
    role may call it by name.

    Args:
        nodes: Not linked.
        arn: The endpoint's.
        used: What roles were let do, by name.
    """
    roles = {text: node for node in nodes if node.type == ROLE for text in node.mentions}
    found = []
    for node in nodes:
        if node.type != FUNCTION:
            continue
        told = (node.properties.get("Environment") or {}).get("Variables") or {}
        role = roles.get(str(node.properties.get("Role")))
        if (
            any(value == endpoint or arn in value for value in told.values())
            or (role is not None and _has_called(used.get(role.key.identity, ()), arn))
            or (role is not None and _is_let(role, arn))
        ):
            found.append(node.key)
    return found


def _has_called(used: Uses, arn: str) -> bool:
    return any(
        action.lower().startswith(_INVOKE) and any(_covers(resource, arn) for resource in resources)
        for action, resources in used
    )


def _is_let(role: Node, arn: str) -> bool:
    """Tell whether an inline policy lets a role invoke the endpoint, and not simply anything."""
    for policy in role.properties.get("Policies") or ():
        for statement in statements(policy["PolicyDocument"]):
            actions = [str(one).lower() for one in listed(statement.get("Action"))]
            resources = [str(one) for one in listed(statement.get("Resource")) if str(one) != "*"]
            if (
                statement.get("Effect") == "Allow"
                and any(fnmatchcase(_INVOKE, action) for action in actions)
                and any(_covers(resource, arn) for resource in resources)
            ):
                return True
    return False


def _covers(pattern: str, arn: str) -> bool:
    # Everything in the service is nobody's chain.
    return not pattern.endswith((":*", "/*")) and fnmatchcase(arn, pattern.replace("[", "[[]"))


def statements(document: Any) -> Iterator[Mapping[str, Any]]:
    """Yield a policy's statements."""
    told = json.loads(document) if isinstance(document, str) else document
    yield from listed((told or {}).get("Statement"))


def listed(value: Any) -> list[Any]:
    """Return what may stand alone or in a list, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]
