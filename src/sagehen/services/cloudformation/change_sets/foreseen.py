"""Foreseen: the changes that carrying out a plan makes to the resources that there are. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sagehen.services.cloudformation.change_sets.telling import Values, change_told
from sagehen.services.cloudformation.running.changes import changes, differing
from sagehen.services.cloudformation.running.evaluating import Plan
from sagehen.services.cloudformation.stacks.stack import Resource
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved
from sagehen.services.cloudformation.templates.template import NESTED
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import kind_of


def changes_of(
    plan: Plan,
    resources: Mapping[str, Resource],
    places: Mapping[str, str],
    *,
    imported: Collection[str] = (),
    secrets: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Return what carrying out a plan does to the resources that there are.

    What depends on a resource that is made anew is not known before: it is `Conditional`.

    Args:
        imported: Logical ids of those that are there and become the stack's.
        secrets: Values that are shown to nobody.
    """
    found: list[dict[str, Any]] = []
    anew: set[str] = set()
    for name in _ordered(plan.needs):
        resource, given = resources.get(name), plan.template.resources[name]
        there = {other: one for other, one in resources.items() if other not in anew}
        values = Values(
            resource.properties if resource else None, _known_part(plan, name, there, places), secrets
        )
        if resource is None:
            anew.add(name)
            found.append(change_told("Import" if name in imported else "Add", name, given["Type"], values))
            continue
        told = _modified(plan, name, resource, there, places, values)
        if told is not None:
            found.append(told)
            if told["ResourceChange"]["Replacement"] == "True":
                anew.add(name)
    for name, resource in resources.items():
        if name not in plan.needs:
            values = Values(resource.properties, None, secrets)
            found.append(change_told("Remove", name, resource.type, values, resource))
    return found


def _modified(
    plan: Plan,
    name: str,
    resource: Resource,
    there: Mapping[str, Resource],
    places: Mapping[str, str],
    values: Values,
) -> dict[str, Any] | None:
    """Return the change of a resource that is there; None where it stays as it is."""
    type_name = plan.template.resources[name]["Type"]
    try:
        properties = plan.properties(name, there, places)
    except (NotYet, Unresolved):
        return change_told("Modify", name, resource.type, values, resource, "Conditional", ["Properties"])
    kind = kind_of(resource.type)
    if kind.naming and kind.naming["property"] not in properties:
        property_name = kind.naming["property"]
        properties = {**properties, property_name: resource.properties.get(property_name)}
    names = differing(resource.properties, properties)
    old = Known(resource.properties, resource.physical_id, resource.result, places=places)
    new = Known(properties, resource.physical_id, resource.result, places=places)
    is_anew = type_name != resource.type or (bool(names) and changes(kind, old, new) is None)
    if not is_anew and not names:
        return None
    replacement = "True" if is_anew else "False"
    return change_told("Modify", name, type_name, values, resource, replacement, ["Properties"], names)


def with_nested(
    changes: Sequence[dict[str, Any]],
    plan: Plan,
    resources: Mapping[str, Resource],
    places: Mapping[str, str],
    secrets: Sequence[str],
) -> list[dict[str, Any]]:
    """Return changes with every nested stack: what changes in one alone is seen when it is carried out.

    As on AWS, recorded in a public issue (cloudformation-coverage-roadmap 142).
    """
    told = {one["ResourceChange"]["LogicalResourceId"] for one in changes}
    others = [
        name for name in plan.needs if plan.template.resources[name]["Type"] == NESTED and name not in told
    ]
    return [*changes, *(nested_told(name, plan, resources, places, secrets) for name in others)]


def nested_told(
    name: str,
    plan: Plan,
    resources: Mapping[str, Resource],
    places: Mapping[str, str],
    secrets: Sequence[str],
) -> dict[str, Any]:
    """Return the change of a nested stack whose properties stay as they are."""
    resource = resources.get(name)
    before = resource.properties if resource else None
    values = Values(before, _known_part(plan, name, resources, places), secrets)
    change = change_told("Modify", name, NESTED, values, resource, "False", ["Properties"])
    target = {"Attribute": "Properties", "RequiresRecreation": "Never"}
    change["ResourceChange"]["Details"] = [
        {"Target": target, "Evaluation": "Dynamic", "ChangeSource": "Automatic"}
    ]
    return change


def _known_part(
    plan: Plan, name: str, resources: Mapping[str, Resource], places: Mapping[str, str]
) -> dict[str, Any] | None:
    try:
        return plan.foreseen(name, resources, places)
    except (NotYet, Unresolved):
        return None


def _ordered(needs: Mapping[str, frozenset[str]]) -> list[str]:
    order: list[str] = []
    left = dict(needs)
    while left:
        ready = sorted(name for name, of in left.items() if not of & left.keys())
        order += ready
        for name in ready:
            del left[name]
    return order
