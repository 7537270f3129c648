"""Hierarchy: what a change set changes in nested stacks, told by change sets of their own.

Documented: CloudFormation User Guide, Change sets for nested stacks.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.services.cloudformation.change_sets.foreseen import nested_told
from sagehen.services.cloudformation.change_sets.working_out import NO_CHANGES, with_changes
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.makers.contract import Job
from sagehen.services.cloudformation.nested.placing import DEEPEST, drawn_arn, drawn_letters
from sagehen.services.cloudformation.nested.wanting import Wanted, Wanting
from sagehen.services.cloudformation.running.evaluating import KNOWN_LATER, Plan
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.change_set import ChangeSet
from sagehen.services.cloudformation.stacks.change_set_records import Branch
from sagehen.services.cloudformation.stacks.records import StackRecords
from sagehen.services.cloudformation.stacks.stack import REVIEW, Resource, Stack, Version
from sagehen.services.cloudformation.templates.template import NESTED

# Ours: a template may nest itself several times.
_MOST = 100
# Documented: of a change set's name.
_MOST_NAME = 128
Changes = list[dict[str, Any]]


class Hierarchy:
    """Works out one change set, and all beneath it; nothing is stored.

    Attributes:
        branches: Those beneath, with their stacks.
    """

    def __init__(self, records: StackRecords, tools: Tools, wanting: Wanting) -> None:
        self._records = records
        self._tools = tools
        self._wanting = wanting
        self.branches: list[Branch] = []

    async def worked_out(
        self, stack: Stack, version: Version, change_set: ChangeSet, depth: int = 1
    ) -> ChangeSet:
        """Return a change set with what its version changes in its stack and in those nested in it.

        Args:
            stack: As it is; who is to act is its principal.
        """
        version = replace(version, change_set=change_set.arn)
        acting = replace(stack, version=version)
        beneath = partial(self._beneath, acting, change_set, depth)
        return await with_changes(self._records, self._tools, stack, version, change_set, beneath)

    async def _beneath(
        self,
        acting: Stack,
        change_set: ChangeSet,
        depth: int,
        plan: Plan,
        resources: Mapping[str, Resource],
        changes: Changes,
    ) -> Changes:
        """Return changes with those of nested stacks that have a change set of their own.

        Raises:
            ValidationError: One cannot be told.
        """
        told = {one["ResourceChange"]["LogicalResourceId"]: one for one in changes}
        for name in plan.needs:
            if plan.template.resources[name]["Type"] != NESTED:
                continue
            child = await self._child(acting, change_set, depth, plan, name, resources)
            if child is None:
                continue
            if name not in told:  # its properties are the same: its template alone is another
                places = self._tools.places(acting)
                told[name] = nested_told(name, plan, resources, places, acting.version.secrets)
            found = told[name]["ResourceChange"]
            found |= {"PhysicalResourceId": child.stack_arn, "ChangeSetId": child.arn}
        return list(told.values())

    async def _child(
        self,
        acting: Stack,
        change_set: ChangeSet,
        depth: int,
        plan: Plan,
        name: str,
        resources: Mapping[str, Resource],
    ) -> ChangeSet | None:
        """Return the change set of one nested stack; None where nothing changes in it."""
        if depth > DEEPEST or len(self.branches) >= _MOST:
            raise ValidationError(f"Stacks are nested {DEEPEST} deep at most, {_MOST} in all.")
        resource = resources.get(name)
        there = self._records.find(acting.scope, resource.physical_id) if resource else None
        arn = there.arn if there else drawn_arn(acting.scope, acting.name, name)
        try:
            properties = _foreseen(plan.foreseen(name, resources, self._tools.places(acting)), there)
            principal = (await self._tools.actor(acting)).principal
            job = Job(acting.scope, acting.arn, acting.name, name, NESTED, principal)
            wanted = await self._wanting.of(job, arn, acting, properties, there)
        except (ServiceError, AccessDenied) as error:
            raise ValidationError(f"The nested stack {name} cannot be told of: {error.message}") from None
        stack = there or self._new(arn, acting, wanted)
        mine = self._change_set(change_set, stack, name, wanted, "UPDATE" if there else "CREATE")
        asking = replace(stack, principal=acting.principal)
        mine = await self.worked_out(asking, wanted.version, mine, depth + 1)
        if mine.status == "FAILED" and mine.reason == NO_CHANGES:
            return None
        if mine.status == "FAILED":
            raise ValidationError(f"The change set of the nested stack {name} failed: {mine.reason}")
        event = None if there else self._tools.event(stack, REVIEW, None)
        self.branches.append(Branch(stack, mine, event))
        return mine

    def _new(self, arn: str, acting: Stack, wanted: Wanted) -> Stack:
        name, identity = arn.split("/")[-2:]
        return Stack(
            acting.scope,
            identity,
            name,
            created_at=self._tools.now().timestamp(),
            status=REVIEW,
            version=wanted.version,
            principal=acting.principal,
            description=wanted.description,
            parent=acting.arn,
            root=acting.root or acting.arn,
        )

    def _change_set(
        self, around: ChangeSet, stack: Stack, logical_id: str, wanted: Wanted, kind: str
    ) -> ChangeSet:
        name = f"{around.name}-{logical_id}"[: _MOST_NAME - 13].rstrip("-") + f"-{drawn_letters()}"
        identity = str(uuid.uuid4())
        return ChangeSet(
            name=name,
            id=identity,
            created_at=self._tools.now().timestamp(),
            kind=kind,
            status="CREATE_COMPLETE",
            execution="AVAILABLE",
            version={},
            on_failure=around.on_failure,
            stack_description=wanted.description,
            nested=True,
            arn=stack.scope.arn("cloudformation", f"changeSet/{name}/{identity}"),
            stack_arn=stack.arn,
            parent=around.arn,
            root=around.root or around.arn,
            logical_id=logical_id,
        )


def _foreseen(properties: Mapping[str, Any], there: Stack | None) -> dict[str, Any]:
    """Return properties; a parameter that is not known before the change is what it is now, if it is."""
    given = properties.get("Parameters")
    if there is None or not isinstance(given, Mapping):
        return dict(properties)
    now = there.version.parameters
    known = {
        name: now[name] if KNOWN_LATER in str(value) and name in now else value
        for name, value in given.items()
    }
    return {**properties, "Parameters": known}
