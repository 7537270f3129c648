"""Condition keys of the tags that a request puts."""

from __future__ import annotations

from sagehen.api.operation import Request
from sagehen.domain.access import ConditionValue
from sagehen.services.s3.tagging.tag_sets import parse_tagging_header


def _tags(request: Request) -> dict[str, str]:
    tagging = request.get("Tagging")
    if isinstance(tagging, str):
        return parse_tagging_header(tagging)
    if isinstance(tagging, dict):
        return {tag["Key"]: tag["Value"] for tag in tagging.get("TagSet", [])}
    return {}


def tag_conditions(request: Request) -> dict[str, ConditionValue]:
    """Return the keys of the tags that a request puts, from its header or its body.

    Raises:
        InvalidArgument: The header is no query string.
    """
    tags = _tags(request)
    keys: dict[str, ConditionValue] = {f"s3:RequestObjectTag/{name}": value for name, value in tags.items()}
    if tags:
        keys["s3:RequestObjectTagKeys"] = tuple(tags)
    return keys
