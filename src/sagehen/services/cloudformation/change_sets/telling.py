"""Telling: one change as DescribeChangeSet shows it, with values or without. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.services.cloudformation.stacks.secrets import masked
from sagehen.services.cloudformation.stacks.stack import Resource

_OF_RESOURCE = ("BeforeContext", "AfterContext")
_OF_TARGET = ("Path", "BeforeValue", "AfterValue", "AttributeChangeType")
# Documented: large values can be truncated.
_MOST = 4096


@dataclass(frozen=True, slots=True)
class Values:
    """A resource's properties.

    Args:
        before: As they are; None where there is no resource yet.
        after: As they will be, as far as is known; None where nothing is.
        secrets: Values that are shown to nobody.
    """

    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    secrets: Sequence[str] = ()

    def told(self, value: Any) -> str:
        """Return a value as text, without secrets."""
        shown_of = masked(value, self.secrets)
        return shown_of if isinstance(shown_of, str) else json.dumps(shown_of, default=str)


def change_told(
    action: str,
    name: str,
    kind: str,
    values: Values,
    resource: Resource | None = None,
    replacement: str | None = None,
    scope: Sequence[str] = (),
    names: Collection[str] = (),
) -> dict[str, Any]:
    """Return a member of `Changes`, with all values."""
    change: dict[str, Any] = {
        "Action": action,
        "LogicalResourceId": name,
        "PhysicalResourceId": resource.physical_id if resource else None,
        "ResourceType": kind,
        "Replacement": replacement,
        "Scope": list(scope),
        "Details": [_detail(one, values, replacement) for one in sorted(names)],
    }
    for member, properties in zip(_OF_RESOURCE, (values.before, values.after), strict=True):
        if properties is not None:
            change[member] = values.told({"Properties": dict(properties)})
    return {"Type": "Resource", "ResourceChange": change}


def _detail(name: str, values: Values, replacement: str | None) -> dict[str, Any]:
    before, after = values.before or {}, values.after or {}
    kind = "Modify" if name in before and name in after else "Add" if name in after else "Remove"
    target: dict[str, Any] = {
        "Attribute": "Properties",
        "Name": name,
        "RequiresRecreation": "Always" if replacement == "True" else "Never",
        "Path": f"/Properties/{name}",
        "AttributeChangeType": kind,
    }
    if name in before:
        target["BeforeValue"] = values.told(before[name])[:_MOST]
    if name in after:
        target["AfterValue"] = values.told(after[name])[:_MOST]
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}


def shown(change: Mapping[str, Any], *, with_values: bool) -> dict[str, Any]:
    """Return a change as it is shown: with values where they were asked for."""
    told: dict[str, Any] = dict(change["ResourceChange"])
    if not with_values:
        told = {name: one for name, one in told.items() if name not in _OF_RESOURCE}
        told["Details"] = [_plain(detail) for detail in told["Details"]]
    return {**change, "ResourceChange": told}


def _plain(detail: Mapping[str, Any]) -> dict[str, Any]:
    target = {name: one for name, one in detail["Target"].items() if name not in _OF_TARGET}
    return {**detail, "Target": target}
