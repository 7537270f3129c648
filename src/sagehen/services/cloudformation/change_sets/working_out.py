"""Working out: what a change set's version changes, and what it takes over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from sagehen.services.cloudformation.change_sets.foreseen import changes_of, with_nested
from sagehen.services.cloudformation.change_sets.imports import existing, named_ones, require_only_imports
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.running.calling import StepFailed
from sagehen.services.cloudformation.running.evaluating import Plan, plan_of
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.change_set import ChangeSet
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import FAILED, UNMADE, Resource, Stack, Version
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved

# Recorded: the CLI's `deploy` reads the first of these sentences.
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)
# Told what a plan changes in a stack, returns it with what that changes in nested ones.
Beneath = Callable[[Plan, dict[str, Resource], list[dict[str, Any]]], Awaitable[list[dict[str, Any]]]]


async def with_changes(
    records: StackRecords,
    tools: Tools,
    stack: Stack,
    version: Version,
    change_set: ChangeSet,
    beneath: Beneath | None = None,
) -> ChangeSet:
    """Return a change set with what its version changes; one that cannot be carried out, with the reason."""
    exports = {one["name"]: one["value"] for one in records.exports(stack.scope)}
    resources = {name: one for name, one in records.resources(stack).items() if one.status not in UNMADE}
    try:
        plan = await asyncio.to_thread(plan_of, stack, version, exports.__getitem__, version.resolved)
        if change_set.takes_over:
            acting = replace(stack, version=version)
            version = replace(version, imports=await existing(tools, acting, plan, resources))
        if change_set.wanted:
            imports = named_ones(records, stack, plan, change_set.wanted)
            version = replace(version, imports=imports)
        places = tools.places(stack)
        changes = changes_of(*(plan, resources, places), imported=version.imports, secrets=version.secrets)
        if change_set.wanted:
            require_only_imports(changes)
        if beneath is not None:
            changes = await beneath(plan, resources, changes)
        elif change_set.kind == "UPDATE":
            changes = with_nested(changes, plan, resources, places, version.secrets)
    except (Unresolved, NotYet, KeyError, StepFailed, ValidationError) as error:
        return replace(change_set, status="FAILED", execution="UNAVAILABLE", reason=str(error))
    is_same = change_set.kind == "UPDATE" and list(version.tags) == list(stack.version.tags)
    if is_same and stack.status not in FAILED and not changes and version.outputs == stack.version.outputs:
        return replace(change_set, status="FAILED", execution="UNAVAILABLE", reason=NO_CHANGES)
    return replace(change_set, changes=changes, version=asdict(version))
