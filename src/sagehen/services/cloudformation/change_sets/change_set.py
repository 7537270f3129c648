"""ChangeSet: one row, and the changes that a new version makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.services.cloudformation.running.changes import changes, differing
from sagehen.services.cloudformation.running.evaluating import Plan
from sagehen.services.cloudformation.stacks.stack import Resource
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import resource_types


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One change set.

    Args:
        version: Of the stack, once it is executed: the fields of `Version`.
        kind: `CREATE` or `UPDATE`.
        changes: As DescribeChangeSet tells them.
    """

    name: str
    id: str
    created_at: float
    kind: str
    status: str
    execution: str
    version: Mapping[str, Any]
    description: str = ""
    reason: str | None = None
    changes: Sequence[Mapping[str, Any]] = ()
    on_failure: str = "ROLLBACK"
    token: str | None = None
    stack_description: str = ""
    capabilities: Sequence[str] = field(default_factory=tuple)


def changes_of(
    plan: Plan, resources: Mapping[str, Resource], places: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what carrying out a plan does to the resources that there are.

    What depends on a resource that is made anew is not known before: it is `Conditional`.
    """
    found: list[dict[str, Any]] = []
    anew: set[str] = set()
    for name in _ordered(plan.needs):
        resource, given = resources.get(name), plan.template.resources[name]
        if resource is None:
            anew.add(name)
            found.append(_change("Add", name, given["Type"]))
            continue
        there = {other: one for other, one in resources.items() if other not in anew}
        try:
            properties = plan.properties(name, there, places)
        except (NotYet, Unresolved):
            found.append(_change("Modify", name, resource.type, resource, "Conditional", ["Properties"]))
            continue
        kind = resource_types()[resource.type]
        if kind.naming and kind.naming["property"] not in properties:
            property_name = kind.naming["property"]
            properties = {**properties, property_name: resource.properties.get(property_name)}
        names = differing(resource.properties, properties)
        old = Known(resource.properties, resource.physical_id, resource.result, places=places)
        new = Known(properties, resource.physical_id, resource.result, places=places)
        if given["Type"] != resource.type or (names and changes(kind, old, new) is None):
            anew.add(name)
            found.append(_change("Modify", name, given["Type"], resource, "True", ["Properties"], names))
        elif names:
            found.append(_change("Modify", name, resource.type, resource, "False", ["Properties"], names))
    for name, resource in resources.items():
        if name not in plan.needs:
            found.append(_change("Remove", name, resource.type, resource))
    return found


def _change(
    action: str,
    name: str,
    kind: str,
    resource: Resource | None = None,
    replacement: str | None = None,
    scope: Sequence[str] = (),
    names: Sequence[str] | set[str] = (),
) -> dict[str, Any]:
    details = [
        {
            "Target": {
                "Attribute": "Properties",
                "Name": one,
                "RequiresRecreation": "Always" if replacement == "True" else "Never",
            },
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for one in sorted(names)
    ]
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": action,
            "LogicalResourceId": name,
            "PhysicalResourceId": resource.physical_id if resource else None,
            "ResourceType": kind,
            "Replacement": replacement,
            "Scope": list(scope),
            "Details": details,
        },
    }


def _ordered(needs: Mapping[str, frozenset[str]]) -> list[str]:
    order: list[str] = []
    left = dict(needs)
    while left:
        ready = sorted(name for name, of in left.items() if not of & left.keys())
        order += ready
        for name in ready:
            del left[name]
    return order
