"""Tagging: the tags that a stack puts on its resources, and the calls by which they change. Pure.

Documented: CloudFormation User Guide, Resource tag.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.domain.system_tags import SystemKey
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step


def with_stack_tags(
    kind: ResourceType, properties: Mapping[str, Any], tags: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """Return a resource's properties with the stack's tags; its own of the same keys win."""
    if not tags or not kind.tags:
        return dict(properties)
    own = properties.get("Tags") or []
    merged = {tag["Key"]: tag["Value"] for tag in tags}
    if isinstance(own, Mapping):
        return {**properties, "Tags": {**merged, **own}}
    if kind.tags.get("form") == "map":
        return {**properties, "Tags": merged}
    if not isinstance(own, list):
        return dict(properties)  # no tags at all: the request will tell
    keys = _by_key(own)
    added = [{"Key": key, "Value": value} for key, value in merged.items() if key not in keys]
    return {**properties, "Tags": [*own, *added]}


def tag_changes(kind: ResourceType, old: Known, new: Known) -> list[tuple[Step, Known]]:
    """Return the calls that give a resource its new tags."""
    before, after = _by_key(old.properties.get("Tags")), _by_key(new.properties.get("Tags"))
    gone = {key: value for key, value in before.items() if key not in after}
    given = {key: value for key, value in after.items() if before.get(key) != value}
    steps = ((kind.tags["unset"], gone), (kind.tags["set"], given))
    return [(step, _with(kind, new, tags)) for step, tags in steps if tags]


def system_tags(kind: ResourceType, known: Known, stack_name: str, stack_arn: str, logical_id: str) -> Known:
    """Return what a resource's `set` step is called with for the tags that are CloudFormation's own."""
    tags: dict[str, str] = {
        SystemKey("aws:cloudformation:stack-name"): stack_name,
        SystemKey("aws:cloudformation:stack-id"): stack_arn,
        SystemKey("aws:cloudformation:logical-id"): logical_id,
    }
    return _with(kind, known, tags)


def _with(kind: ResourceType, known: Known, tags: Mapping[str, Any]) -> Known:
    every: Any = [{"Key": key, "Value": value} for key, value in tags.items()]
    return replace(known, properties={**known.properties, "Tags": every})


def _by_key(tags: Any) -> dict[str, Any]:
    if isinstance(tags, Mapping):
        return dict(tags)
    every = tags if isinstance(tags, list) else []
    return {str(tag.get("Key")): tag.get("Value", "") for tag in every if isinstance(tag, Mapping)}
