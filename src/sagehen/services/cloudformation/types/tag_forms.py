"""Conversions of tags: templates write lists of keys and values, services take them in many forms. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sagehen.services.cloudformation.types.known import Known


def _key(tag: Mapping[str, Any]) -> str:
    key = tag["Key"]
    return key if isinstance(key, str) else str(key)


def _tag_map(value: Any, known: Known) -> dict[str, str]:
    return {_key(tag): str(tag["Value"]) for tag in value}


def _kms_tags(value: Any, known: Known) -> list[dict[str, str]]:
    return [{"TagKey": _key(tag), "TagValue": str(tag["Value"])} for tag in value]


def _tag_keys(value: Any, known: Known) -> list[str]:
    return list(value) if isinstance(value, Mapping) else [_key(tag) for tag in value]


def _keys_only(value: Any, known: Known) -> list[dict[str, str]]:
    """Return tags as EC2 takes them away: by their keys, whatever their values."""
    return [{"Key": _key(tag)} for tag in value]


def _tag_list(value: Any, known: Known) -> list[dict[str, str]]:
    return (
        value if isinstance(value, list) else [{"Key": key, "Value": str(one)} for key, one in value.items()]
    )


def _instance_tags(value: Any, known: Known) -> list[dict[str, Any]]:
    return [{"ResourceType": "instance", "Tags": value}]


TAG_FORMS: Mapping[str, Callable[[Any, Known], Any]] = {
    "kms_tags": _kms_tags,
    "tag_map": _tag_map,
    "tag_keys": _tag_keys,
    "keys_only": _keys_only,
    "tag_list": _tag_list,
    "instance_tags": _instance_tags,
}
