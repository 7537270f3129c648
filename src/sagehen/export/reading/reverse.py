"""Reverse: what describes a resource, as the properties that would make it.

CloudFormation's tables say which operation makes a type and which of its members are which properties. Read
backwards they say what of a description is the user's: what the request has no member for was added by AWS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sagehen.domain.system_tags import is_system
from sagehen.export.graph.values import PolicyDocument
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step, resource_types

# Members whose name as a property is not the same with a capital.
_SPELLED = {"KMSKeyArn": "KmsKeyArn", "apiKeySource": "ApiKeySourceType"}
_NOTHING: tuple[Any, ...] = (None, "", {}, [])


def properties(type_: str, described: Mapping[str, Any], shape: Any) -> dict[str, Any]:
    """Return the properties of a resource, without what AWS would choose by itself.

    Args:
        type_: CloudFormation's.
        described: By its Describe or Get operation.
        shape: botocore's, of the request of the first step of the type's creation.
    """
    kind = resource_types()[type_]
    found = _by_table(kind, kind.create[0], described)
    if (kind.create[0].get("with") or {}).get("*") == "rest":
        named = {name.lower() for name in (*kind.create[0]["with"], *found)}
        rest = {name: one for name, one in described.items() if name.lower() not in named}
        found |= trimmed(shape, rest)
    return without_defaults(type_, found)


def _by_table(kind: ResourceType, step: Step, described: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for member, template in (step.get("with") or {}).items():
        value = described.get(member)
        if value in _NOTHING or not isinstance(template, str) or not template.startswith("$"):
            continue
        conversion, _, name = template[1:].rpartition(":")
        if "." not in name and conversion in _INVERSE and name not in ("id", "each", "result"):
            found[name] = _INVERSE[conversion](value)
    return found


def _document(value: Any) -> Any:
    told = json.loads(value) if isinstance(value, str) else value
    return PolicyDocument(told) if isinstance(told, dict) and "Statement" in told else told


def _tags(value: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": one} for key, one in value.items()]


_INVERSE: Mapping[str, Callable[[Any], Any]] = {
    "": lambda value: value,
    "json": _document,
    "tag_map": _tags,
    "key_value": dict,
    "text": str,
    "tag_list": list,
}


def trimmed(shape: Any, value: Any) -> Any:
    """Return what of a value a request's shape has members for, spelled as properties are."""
    if shape is None or value is None:
        return {}
    if shape.type_name == "structure":
        told = {
            name: trimmed(shape.members[name], one) for name, one in value.items() if name in shape.members
        }
        return {spelled(name): one for name, one in told.items() if one not in _NOTHING}
    if shape.type_name == "list":
        return [trimmed(shape.member, one) for one in value]
    if shape.type_name == "map":
        return {name: trimmed(shape.value, one) for name, one in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value


def spelled(member: str) -> str:
    """Return the name of a property for that of a member."""
    return _SPELLED.get(member, member[:1].upper() + member[1:])


def without_defaults(type_: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties without those that say what would be so anyway, and without tags of AWS's own."""
    own = {"Tags": _own_tags(found["Tags"])} if "Tags" in found else {}
    told = {name: one for name, one in {**found, **own}.items() if one not in _NOTHING}
    for path, usual in _defaults().get(type_, {}).items():
        _drop(told, path.split("."), usual)
    return told


def _own_tags(tags: Any) -> Any:
    """Return the tags that a template may give; what a stack made has CloudFormation's, too."""
    if isinstance(tags, list):
        return [tag for tag in tags if not is_system(tag["Key"])]
    return {key: value for key, value in tags.items() if not is_system(key)} if tags else tags


def _drop(value: Any, path: list[str], usual: Any) -> None:
    name, *rest = path
    many, name = name.endswith("[]"), name.removesuffix("[]")
    if not isinstance(value, dict) or name not in value:
        return
    if not rest:
        if value[name] == usual:
            del value[name]
        return
    for one in value[name] if many else [value[name]]:
        _drop(one, rest, usual)
    if not many and value[name] == {}:
        del value[name]


@cache
def _defaults() -> Mapping[str, Mapping[str, Any]]:
    """Return what AWS chooses where a template says nothing: type -> path -> value."""
    text = (files("sagehen.export.reading") / "defaults.json").read_text()
    found: Mapping[str, Mapping[str, Any]] = json.loads(text)
    return found
