"""Attributes: what Fn::GetAtt gives of a resource. Pure."""

from __future__ import annotations

from typing import Any

from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.requests import filled
from sagehen.services.cloudformation.types.resource_type import ResourceType

# Documented: NoEcho of a custom resource's response.
_MASK = "*****"


class NoSuchAttribute(Exception):
    """Resources of that type have no such attribute."""


def attribute_of(kind: ResourceType, known: Known, name: str, *, shown: bool = False) -> Any:
    """Return an attribute, or ABSENT where this resource has no value of it.

    Args:
        shown: It is for people's eyes: what a custom resource keeps secret is masked.

    Raises:
        NoSuchAttribute
    """
    if kind.made_by == "function":
        data = known.result.get("Data") or {}
        if name not in data:
            raise NoSuchAttribute
        return _MASK if shown and known.result.get("NoEcho") else data[name]
    if kind.made_by == "template":
        section, _, output = name.partition(".")
        if section != "Outputs" or output not in known.result.get("Outputs", {}):
            raise NoSuchAttribute
        return known.result["Outputs"][output]
    if name not in kind.attributes:
        raise NoSuchAttribute
    return filled(kind.attributes[name], known)
