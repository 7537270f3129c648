"""Imports: what a change set takes over of what is there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.running.calling import StepFailed
from sagehen.services.cloudformation.running.evaluating import Plan
from sagehen.services.cloudformation.running.reading import identity_of, there
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import Resource, Stack
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved
from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.requests import filled
from sagehen.services.cloudformation.types.resource_type import kind_of

# Documented: automatic imports are for resources that outlive their stack.
_KEPT = ("Retain", "RetainExceptOnCreate")


async def existing(
    tools: Tools, stack: Stack, plan: Plan, resources: Mapping[str, Resource]
) -> dict[str, str]:
    """Return the physical ids of what a plan would make and is there already, by logical id.

    Documented: only what has a name of the template's own, and a policy that keeps it.

    Raises:
        ValidationError: One is another stack's.
        StepFailed: The stack's role cannot be assumed.
    """
    places, actor, found = tools.places(stack), await tools.actor(stack), dict[str, str]()
    for name in sorted(plan.needs.keys() - resources.keys()):
        given = plan.template.resources[name]
        kind = kind_of(given["Type"])
        if given.get("DeletionPolicy") not in _KEPT or not kind.imported_by:
            continue
        try:
            properties = plan.properties(name, resources, places)
            identity = identity_of(kind, properties, places)
            if not identity:
                continue
            known = await there(tools.steps, actor, kind, Known(properties, identity, places=places))
        except (NotYet, Unresolved, StepFailed):
            continue  # not to be known, or not to be seen: its creation will tell
        if known is None:
            continue
        if (owner := tools.records.owner_of(stack.scope, kind.name, identity)) is not None:
            raise ValidationError(f"Resource {identity} of type {kind.name} is part of the stack {owner}.")
        found[name] = identity
    return found


def named_ones(
    records: StackRecords, stack: Stack, plan: Plan, wanted: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Return the physical ids of the resources that a request names to be imported, by logical id.

    Args:
        wanted: `ResourcesToImport`.

    Raises:
        ValidationError: The template does not have one, or cannot keep it; it cannot be identified so; or it
            is a stack's already. The sentences are from memory and public issues.
    """
    found: dict[str, str] = {}
    for one in wanted:
        name, given = one["LogicalResourceId"], plan.template.resources.get(one["LogicalResourceId"])
        if given is None or name not in plan.needs or given["Type"] != one["ResourceType"]:
            raise ValidationError(f"Resources [{name}] to import are not in the template.")
        if "DeletionPolicy" not in given:
            raise ValidationError(f"Resources [{name}] is missing DeletionPolicy attribute in template")
        kind, identifier = kind_of(given["Type"]), one["ResourceIdentifier"]
        if not kind.imported_by:
            raise ValidationError(f"ResourceTypes [{kind.name}] are not supported for Import")
        if set(identifier) != set(kind.imported_by):
            raise ValidationError(
                f"Invalid ResourceIdentifier for [{name}]: [{', '.join(kind.imported_by)}] are needed."
            )
        physical_id = filled(kind.import_identity, Known(identifier))
        assert physical_id is not ABSENT
        if (owner := records.owner_of(stack.scope, kind.name, str(physical_id))) is not None:
            raise ValidationError(f"Resource {physical_id} of type {kind.name} is part of the stack {owner}.")
        found[name] = str(physical_id)
    return found


def require_only_imports(changes: Sequence[Mapping[str, Any]]) -> None:
    """Refuse whatever else an import would do. Recorded, in public issues: the words."""
    others = sorted(
        change["ResourceChange"]["LogicalResourceId"]
        for change in changes
        if change["ResourceChange"]["Action"] != "Import"
    )
    if others:
        raise ValidationError(
            f"You have modified resources [{', '.join(others)}] in your template that are not being "
            "imported. Update, create or delete operations cannot be executed during import operations."
        )
