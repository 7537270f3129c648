"""ResourceWork: one resource of a stack made, changed, replaced, deleted or taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.running.changes import Call, changes
from sagehen.services.cloudformation.running.doing import Doing
from sagehen.services.cloudformation.running.evaluating import Plan
from sagehen.services.cloudformation.running.naming import named
from sagehen.services.cloudformation.running.reading import there
from sagehen.services.cloudformation.running.steps import Actor, StepFailed
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.policies import refusal
from sagehen.services.cloudformation.stacks.stack import Resource, Stack
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import ResourceType, kind_of

_RETAINED = ("Retain",)
# How names end that were made here.
_DRAWN = re.compile(r"-?[A-Za-z0-9]{12}\Z")


def _may_be_anothers(resource: Resource) -> bool:
    """Tell whether a resource that was being made has a name of the user's, which others may have, too."""
    kind = kind_of(resource.type)
    if kind.made_by:
        return False
    given = str(resource.properties.get(kind.naming["property"], "")) if kind.naming else ""
    return resource.status == "CREATE_IN_PROGRESS" and not _DRAWN.search(given)


class ResourceWork:
    """Works on the resources of one stack; what happened is on record before and after.

    Args:
        resources: By logical id, as they are; changed as work goes on.
    """

    def __init__(self, tools: Tools, stack: Stack, actor: Actor, resources: dict[str, Resource]) -> None:
        self._tools = tools
        self._stack = stack
        self._actor = actor
        self._doing = Doing(tools, stack, actor)
        self.resources = resources

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

    async def update(self, plan: Plan, name: str) -> None:
        """Bring a resource to what the template says: made, changed, replaced, or left as it is.

        Raises:
            StepFailed
        """
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
            if kept != old:
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

    async def delete(self, name: str, *, because: str | None = None) -> None:
        """Delete a resource, or leave it where its policy says so.

        Raises:
            StepFailed
        """
        resource = self.resources[name]
        is_left = resource.policy in _RETAINED or name in self._stack.retained
        if resource.policy == "RetainExceptOnCreate":
            is_left = self._stack.status == "DELETE_IN_PROGRESS"
        is_new = resource.is_new or self._stack.status == "ROLLBACK_IN_PROGRESS"
        if is_new and not self._stack.spares_new:
            is_left = False
        if (is_left and resource.status != "CREATE_FAILED") or self._was_there_before(resource):
            await self._forget(replace(resource, status="DELETE_SKIPPED"))
            return
        if not resource.physical_id or _may_be_anothers(resource):
            await self._forget(replace(resource, status="DELETE_COMPLETE"))
            return
        await self._note(replace(resource, status="DELETE_IN_PROGRESS", at=self._at()), because)
        try:
            await self._doing.delete(resource, self._known(resource))
        except StepFailed as error:
            await self._fail(resource, "DELETE_FAILED", error)
            raise
        await self._forget(replace(resource, status="DELETE_COMPLETE"))

    def _was_there_before(self, resource: Resource) -> bool:
        """Tell whether what is taken back did not make a resource, but only took it over."""
        is_taken_back = resource.is_new or self._stack.status == "ROLLBACK_IN_PROGRESS"
        return resource.is_imported and is_taken_back

    async def delete_replaced(self, name: str, *, old: bool) -> None:
        """Delete the one of a replaced pair that is not needed any more, and forget that there were two.

        Args:
            old: The one from before the update; else the one that it made, and the old one is it again.

        Raises:
            StepFailed
        """
        resource = self.resources[name]
        before = resource.before
        if before is None:
            return
        was = replace(
            resource,
            type=before["type"],
            physical_id=before["physical_id"],
            properties=before["properties"],
            result=before["result"],
        )
        doomed, kept = (was, resource) if old else (resource, was)
        is_pair = was.physical_id != resource.physical_id
        if old and not is_pair:
            await self._doing.settle(kept, self._known(kept))
        if is_pair and doomed.physical_id and not (old and doomed.replace_policy in _RETAINED):
            try:
                if not old:
                    await self._doing.restore(kept, self._known(kept))
                await self._doing.delete(doomed, self._known(doomed))
            except StepFailed as error:
                await self._fail(replace(kept, before=before), "DELETE_FAILED", error)
                raise
        await self._put(replace(kept, before=None, is_new=False))

    async def restore(self, name: str) -> None:
        """Give a resource back what a new one, which is about to be deleted, took over.

        Raises:
            StepFailed
        """
        await self._doing.restore(self.resources[name], self._known(self.resources[name]))

    async def skip(self, name: str) -> None:
        """Take a resource that could not be taken back for what the template says."""
        resource = self.resources[name]
        properties = (resource.before or {}).get("properties", resource.properties)
        words = "Resource update rollback was skipped."
        skipped = replace(
            resource, properties=properties, status="UPDATE_COMPLETE", before=None, at=self._at()
        )
        await self._note(skipped, words)

    async def take_back(self, name: str) -> None:
        """Change a resource back to what it was before the update; of a replaced one nothing is done yet.

        Raises:
            StepFailed
        """
        resource = self.resources[name]
        before = resource.before
        if before is None or before["physical_id"] != resource.physical_id:
            return
        kind = kind_of(resource.type)
        back = replace(resource, properties=before["properties"], status="UPDATE_IN_PROGRESS", at=self._at())
        await self._note(back)
        calls = None if before.get("is_remade") else changes(kind, self._known(resource), self._known(back))
        try:
            if calls is not None:
                known = await self._doing.take_back(back, calls, self._known(resource), self._known(back))
                if known.identity != resource.physical_id:  # a custom resource made another of itself
                    await self._doing.delete(resource, self._known(resource))
            else:
                await self._doing.delete(resource, self._known(resource))
                known = await self._doing.create(back, Known(back.properties, places=self._places))
            back = replace(back, physical_id=known.identity or "", result=known.result)
        except StepFailed as error:
            await self._fail(resource, "UPDATE_FAILED", error)
            raise
        await self._note(replace(back, status="UPDATE_COMPLETE", before=None, at=self._at()))

    # --- what they share -------------------------------------------------------------------

    @property
    def _places(self) -> Mapping[str, str]:
        return self._tools.places(self._stack)

    def _known(self, resource: Resource) -> Known:
        return Known(resource.properties, resource.physical_id or None, resource.result, places=self._places)

    def _named(self, plan: Plan, name: str, draw: str) -> dict[str, Any]:
        kind = kind_of(plan.template.resources[name]["Type"])
        try:
            given = plan.properties(name, self.resources, self._places)
        except (Unresolved, NotYet) as error:
            raise StepFailed(str(error)) from None
        return named(kind, self._stack.name, name, draw, given)

    @staticmethod
    def _carried(kind: ResourceType, old: Resource, properties: dict[str, Any]) -> dict[str, Any]:
        """Return properties with the name that the resource was given."""
        if kind.naming is None or kind.naming["property"] in properties:
            return properties
        name = kind.naming["property"]
        return {**properties, name: old.properties[name]} if name in old.properties else properties

    def _at(self) -> float:
        return self._tools.now().timestamp()

    async def _put(self, resource: Resource) -> None:
        self.resources[resource.logical_id] = resource
        await self._tools.records.put(self._stack, resource)

    async def _note(self, resource: Resource, reason: str | None = None) -> None:
        resource = replace(resource, reason=reason)
        self.resources[resource.logical_id] = resource
        event = self._tools.event(self._stack, resource.status, reason, resource)
        await self._tools.records.put(self._stack, resource, event)

    async def _fail(self, resource: Resource, status: str, error: Exception) -> None:
        await self._note(replace(resource, status=status, at=self._at()), str(error))

    async def _forget(self, resource: Resource) -> None:
        self.resources.pop(resource.logical_id, None)
        event = self._tools.event(self._stack, resource.status, None, resource)
        await self._tools.records.forget(self._stack, resource.logical_id, event)
