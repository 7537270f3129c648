"""Tags as requests give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.access import ConditionValue
from sagehen.domain.system_tags import counted
from sagehen.services.cloudwatch.errors import ValidationError

MOST_TAGS = 50


def tags_of(request: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that a request gives; a key given twice has its last value."""
    return {tag["Key"]: tag["Value"] for tag in request.get("Tags") or []}


def checked_tags(tags: dict[str, str], what: str = "An alarm") -> dict[str, str]:
    """Return all that an alarm or a dashboard is to have.

    Raises:
        ValidationError: More than 50 of them (documented: API_TagResource; the wording is from memory).
    """
    if counted(tags) > MOST_TAGS:
        raise ValidationError(f"{what} can have at most {MOST_TAGS} tags.")
    return tags


def tag_conditions(request: Mapping[str, Any]) -> dict[str, ConditionValue]:
    """Return the condition keys of the tags that a request gives and of the keys that it takes away."""
    tags = tags_of(request)
    conditions: dict[str, ConditionValue] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if keys := [*tags, *(request.get("TagKeys") or [])]:
        conditions["aws:TagKeys"] = tuple(keys)
    return conditions
