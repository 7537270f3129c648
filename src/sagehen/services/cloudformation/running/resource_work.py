"""ResourceWork: one resource of a stack brought to what an update says: made, changed, replaced, remade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.running.calling import StepFailed
from sagehen.services.cloudformation.running.changes import Call, changes
from sagehen.services.cloudformation.running.evaluating import Plan
from sagehen.services.cloudformation.running.making_work import MakingWork
from sagehen.services.cloudformation.stacks.policies import refusal
from sagehen.services.cloudformation.stacks.stack import UNMADE, Resource
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved
from sagehen.services.cloudformation.types.resource_type import ResourceType, kind_of


class ResourceWork(MakingWork):
    """All work on the resources of one stack."""

    async def update(self, plan: Plan, name: str) -> None:
        """Bring a resource to what the template says: made, changed, replaced, or left as it is.

        Raises:
            StepFailed
        """
        if self._stack.goes_on:
            await self._begin_again(plan, name)
        old = self.resources.get(name)
        if old is None:
            await self.create(plan, name, is_new=True)
            return
        given = plan.template.resources[name]
        kind = kind_of(old.type)
        try:
            properties = self._carried(kind, old, plan.properties(name, self.resources, self._places))
        except (Unresolved, NotYet) as error:
            await self._fail(old, "UPDATE_FAILED", error)
            raise StepFailed(str(error)) from None
        kept = replace(
            old,
            needs=sorted(plan.needs[name]),
            policy=given.get("DeletionPolicy", "Delete"),
            replace_policy=given.get("UpdateReplacePolicy", "Delete"),
        )
        is_same_type = given["Type"] == old.type
        # What a nested stack's template is now is not in its properties.
        if is_same_type and properties == old.properties and kind.made_by != "template":
            if old.status == "UPDATE_FAILED":
                await self._note(replace(kept, status="UPDATE_COMPLETE", at=self._at()))
            elif kept != old:
                await self._put(kept)
            return
        before = {"physical_id": old.physical_id, "properties": old.properties, "result": old.result}
        changing = replace(
            kept, status="UPDATE_IN_PROGRESS", before={**before, "type": old.type}, at=self._at()
        )
        new = self._known(replace(old, properties=properties))
        calls = changes(kind, self._known(old), new) if is_same_type else None
        await self._require_allowed("Update:Replace" if calls is None else "Update:Modify", old)
        if calls is not None:
            await self._change(changing, properties, calls)
        elif is_same_type and kind.naming is None and self._doing.early_identity(old, new) == old.physical_id:
            await self._remake(changing, properties)
        else:
            await self._replace(plan, changing, given["Type"])

    async def _begin_again(self, plan: Plan, name: str) -> None:
        """Undo what an update that failed did to a resource, unless it is just what is wanted now.

        Raises:
            StepFailed
        """
        resource = self.resources.get(name)
        if resource is None:
            return
        is_changed = resource.before is not None and resource.status.startswith("UPDATE_")
        if resource.status in UNMADE:
            await self.delete(name)
        elif is_changed and not self._is_done(plan, resource):
            await self.put_back(name)

    def _is_done(self, plan: Plan, resource: Resource) -> bool:
        kind, name = kind_of(resource.type), resource.logical_id
        # A nested stack's update is held until the one around it is done: it is taken back and tried anew.
        if resource.status != "UPDATE_COMPLETE" or kind.made_by == "template":
            return False
        try:
            properties = self._carried(kind, resource, plan.properties(name, self.resources, self._places))
        except (Unresolved, NotYet):
            return False
        return plan.template.resources[name]["Type"] == kind.name and properties == resource.properties

    async def refused_deletions(self, plan: Plan) -> dict[str, str]:
        """Return why which resources may not go that a plan has no more."""
        found: dict[str, str] = {}
        for name, one in list(self.resources.items()):
            if name not in plan.needs:
                try:
                    await self._require_allowed("Update:Delete", one)
                except StepFailed as error:
                    found[name] = str(error)
        return found

    async def _require_allowed(self, action: str, resource: Resource) -> None:
        """Check that the stack's policy allows what an update would do. StepFailed where it does not."""
        if words := refusal(self._stack.policy_now, action, resource.logical_id, resource.type):
            # The resource is as it was: only what was tried is told.
            event = self._tools.event(self._stack, "UPDATE_FAILED", words, resource)
            await self._tools.records.put(self._stack, resource, event)
            raise StepFailed(words)

    async def _change(self, resource: Resource, properties: Mapping[str, Any], calls: list[Call]) -> None:
        # Whatever ends it, what was done is taken back by an update from these properties to those before.
        old = self._known(resource)
        resource = replace(resource, properties=properties)
        await self._note(resource)
        try:
            known = await self._doing.change(resource, calls, old, self._known(resource))
        except StepFailed as error:
            await self._fail(resource, "UPDATE_FAILED", error)
            raise
        # A custom resource may have another physical id now: the old one is deleted once all is done.
        done = replace(resource, physical_id=known.identity or "", result=known.result)
        await self._note(replace(done, status="UPDATE_COMPLETE", at=self._at()))

    async def _remake(self, resource: Resource, properties: Mapping[str, Any]) -> None:
        """Delete a resource and make it again in its place: there can be but one of its identity."""
        before = {**(resource.before or {}), "is_remade": True}
        resource = replace(resource, before=before)
        await self._note(resource, "It is deleted and made again: no operation changes this in place.")
        try:
            await self._doing.delete(resource, self._known(resource))
        except StepFailed as error:
            await self._fail(resource, "UPDATE_FAILED", error)
            raise
        await self._make(replace(resource, result={}), properties, "UPDATE")

    async def _replace(self, plan: Plan, resource: Resource, type_name: str) -> None:
        """Make the new one; the old one is deleted once everything else is done."""
        words = "Requested update requires the creation of a new physical resource; hence creating one."
        await self._note(resource, words)
        kind = kind_of(type_name)
        name = resource.logical_id
        try:
            given = plan.properties(name, self.resources, self._places)
            custom = kind.naming and given.get(kind.naming["property"])
            if custom and custom == resource.properties.get(kind.naming["property"]):  # type: ignore[index]
                raise StepFailed(
                    "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                    f"Rename {custom} and update the stack again."
                )
            properties = self._named(plan, name, f"{self._stack.id} {name} {self._tools.ids.uuid()}")
        except (Unresolved, NotYet, StepFailed) as error:
            await self._fail(resource, "UPDATE_FAILED", error)
            raise StepFailed(str(error)) from None
        new = replace(resource, type=type_name, physical_id="", result={}, properties={})
        await self._make(new, properties, "UPDATE", plan.creation_policy(name))

    @staticmethod
    def _carried(kind: ResourceType, old: Resource, properties: dict[str, Any]) -> dict[str, Any]:
        """Return properties with the name that the resource was given."""
        if kind.naming is None or kind.naming["property"] in properties:
            return properties
        name = kind.naming["property"]
        return {**properties, name: old.properties[name]} if name in old.properties else properties
