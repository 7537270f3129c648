"""What must be allowed to make a tagged resource: the creation itself, and AddTags where tags are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.domain.access import Access, ConditionValue


def creation(
    action: str, arn: str, request: Mapping[str, Any], conditions: Mapping[str, ConditionValue] | None = None
) -> Iterator[Access]:
    """Yield what CreateX with `Tags` asks for.

    Args:
        action: The IAM action without its prefix.
        conditions: Further condition keys of the creation.
    """
    tags = request.get("Tags") or ()
    keys: dict[str, ConditionValue] = dict(conditions or {})
    for tag in tags:
        keys[f"aws:RequestTag/{tag['Key']}"] = tag["Value"]
    if tags:
        keys["aws:TagKeys"] = tuple(tag["Key"] for tag in tags)
    yield Access(f"sagemaker:{action}", arn, keys)
    if tags:
        yield Access("sagemaker:AddTags", arn, {**keys, "sagemaker:TaggingAction": action})
