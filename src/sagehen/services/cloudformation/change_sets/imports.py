"""Imports: what a change set takes over of what is there already."""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.running.evaluating import Plan
from sagehen.services.cloudformation.running.reading import identity_of, there
from sagehen.services.cloudformation.running.steps import StepFailed
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.stack import Resource, Stack
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved
from sagehen.services.cloudformation.types.known import Known
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
