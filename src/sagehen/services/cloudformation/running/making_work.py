"""MakingWork: one resource of a stack made, or taken over as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.running.calling import StepFailed
from sagehen.services.cloudformation.running.evaluating import Plan
from sagehen.services.cloudformation.running.naming import named
from sagehen.services.cloudformation.running.reading import there
from sagehen.services.cloudformation.running.undoing_work import UndoingWork
from sagehen.services.cloudformation.stacks.stack import Resource
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import kind_of


class MakingWork(UndoingWork):
    """Makes resources."""

    async def create(self, plan: Plan, name: str, *, is_new: bool = False) -> None:
        """Make a resource.

        Raises:
            StepFailed
        """
        given = plan.template.resources[name]
        resource = Resource(
            name,
            given["Type"],
            "CREATE_IN_PROGRESS",
            self._at(),
            needs=sorted(plan.needs[name]),
            is_new=is_new,
            policy=given.get("DeletionPolicy", "Delete"),
            replace_policy=given.get("UpdateReplacePolicy", "Delete"),
        )
        await self._note(resource)
        try:
            properties = self._named(plan, name, f"{self._stack.id} {name}")
        except StepFailed as error:
            await self._fail(resource, "CREATE_FAILED", error)
            raise
        if physical_id := self._stack.version.imports.get(name):
            await self._import(resource, properties, physical_id)
        else:
            await self._make(resource, properties, policy=plan.creation_policy(name))

    async def _import(self, resource: Resource, properties: Mapping[str, Any], physical_id: str) -> None:
        """Take over what is there already, as it is."""
        naming = kind_of(resource.type).naming
        if naming and kind_of(resource.type).identity == f"${naming['property']}":
            properties = {**properties, naming["property"]: physical_id}
        begun = replace(
            resource,
            status="IMPORT_IN_PROGRESS",
            physical_id=physical_id,
            properties=properties,
            is_imported=True,
        )
        await self._note(begun)
        kind = kind_of(resource.type)
        try:
            known = await there(self._tools.steps, self._actor, kind, self._known(begun))
            if known is None:
                raise StepFailed(
                    f"Resource of type '{kind.name}' with identifier '{physical_id}' was not found."
                )
            await self._doing.mark(begun, known)
        except StepFailed as error:
            await self._fail(begun, "IMPORT_FAILED", error)
            raise
        await self._note(replace(begun, result=known.result, status="IMPORT_COMPLETE", at=self._at()))

    async def _make(
        self, resource: Resource, properties: Mapping[str, Any], verb: str = "CREATE", policy: Any = None
    ) -> None:
        known = Known(properties, places=self._places)
        early = self._doing.early_identity(resource, known)
        begun = replace(resource, properties=properties, physical_id=early)
        await self._put(begun)
        try:
            known = await self._doing.create(begun, known, policy)
        except StepFailed as error:
            partly: Known = error.known  # type: ignore[attr-defined]
            # Where its first step was refused there is nothing of ours: what has its name is somebody else's.
            made = replace(begun, physical_id=partly.identity or "", result=partly.result)
            await self._fail(made, f"{verb}_FAILED", error)
            raise
        done = replace(begun, physical_id=known.identity or "", result=known.result)
        await self._note(replace(done, status=f"{verb}_COMPLETE", at=self._at()))

    def _named(self, plan: Plan, name: str, draw: str) -> dict[str, Any]:
        kind = kind_of(plan.template.resources[name]["Type"])
        try:
            given = plan.properties(name, self.resources, self._places)
        except (Unresolved, NotYet) as error:
            raise StepFailed(str(error)) from None
        return named(kind, self._stack.name, name, draw, given)
