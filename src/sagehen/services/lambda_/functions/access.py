"""Condition keys that requests with tags add."""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.domain.access import ConditionValue


def tag_conditions(tags: Mapping[str, str] | None) -> dict[str, ConditionValue]:
    """Return `aws:RequestTag/…` and `aws:TagKeys` of a request's tags."""
    if not tags:
        return {}
    keys: dict[str, ConditionValue] = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    keys["aws:TagKeys"] = tuple(tags)
    return keys
