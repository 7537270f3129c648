"""UndoingWork: one resource of a stack deleted, let go of, taken back to what it was."""

from __future__ import annotations

from dataclasses import replace

from sagehen.services.cloudformation.running.calling import StepFailed
from sagehen.services.cloudformation.running.changes import changes
from sagehen.services.cloudformation.running.naming import is_drawn
from sagehen.services.cloudformation.running.resource_rows import ResourceRows
from sagehen.services.cloudformation.stacks.stack import Resource
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import kind_of

_RETAINED = ("Retain",)


class UndoingWork(ResourceRows):
    """Deletes resources, and takes them back."""

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
        doomed = self._there_of(resource)
        if not doomed:
            await self._forget(replace(resource, status="DELETE_COMPLETE"))
            return
        await self._note(replace(resource, status="DELETE_IN_PROGRESS", at=self._at()), because)
        try:
            for one in doomed:
                await self._doing.delete(one, self._known(one))
        except StepFailed as error:
            await self._fail(resource, "DELETE_FAILED", error)
            raise
        await self._forget(replace(resource, status="DELETE_COMPLETE"))

    def _there_of(self, resource: Resource) -> list[Resource]:
        """Return what there is of a resource: itself, and what an update that failed was to replace."""
        was = _before(resource)
        # One that an update which is done could not delete stays behind.
        is_under_way = self._stack.before is not None or self._stack.goes_on
        is_pair = is_under_way and was is not None and was.physical_id != resource.physical_id
        being_made = "UPDATE_IN_PROGRESS" if is_pair else "CREATE_IN_PROGRESS"
        is_ours = resource.physical_id and not self._may_be_anothers(resource, being_made)
        return [*([resource] if is_ours else []), *([was] if was is not None and is_pair else [])]

    def _may_be_anothers(self, resource: Resource, being_made: str) -> bool:
        """Tell whether one that was just being made has a name of the user's, which others may have, too.

        Args:
            being_made: The status in which it may be that it was never made.
        """
        kind = kind_of(resource.type)
        if kind.made_by or resource.status != being_made:
            return False
        name = str(resource.properties.get(kind.naming["property"], "")) if kind.naming else ""
        return not is_drawn(kind, self._stack.name, resource.logical_id, name)

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
        before, was = resource.before, _before(resource)
        if was is None:
            return
        doomed, kept = (was, resource) if old else (resource, was)
        is_pair = was.physical_id != resource.physical_id
        if old and not is_pair:
            await self._doing.settle(kept, self._known(kept))
        is_left = old and doomed.replace_policy in _RETAINED
        # One that the last life was just making: UPDATE_IN_PROGRESS still.
        is_left = is_left or (not old and self._may_be_anothers(doomed, "UPDATE_IN_PROGRESS"))
        if is_pair and doomed.physical_id and not is_left:
            try:
                if not old:
                    await self._doing.restore(kept, self._known(kept))
                await self._doing.delete(doomed, self._known(doomed))
            except StepFailed as error:
                await self._fail(replace(kept, before=before), "DELETE_FAILED", error)
                raise
        await self._put(replace(kept, before=None, is_new=False))

    async def put_back(self, name: str) -> None:
        """Make a resource again what it was before an update that failed, whether changed or replaced.

        Raises:
            StepFailed
        """
        is_new = self.resources[name].is_new
        await self.take_back(name)
        try:
            await self.delete_replaced(name, old=False)
        except StepFailed:
            await self._put(replace(self.resources[name], status="UPDATE_FAILED"))
            raise
        await self._put(replace(self.resources[name], is_new=is_new))

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
        if before is None:
            return
        is_remade = bool(before.get("is_remade"))  # what was is gone, and the new one may never have come
        if before["physical_id"] != resource.physical_id and not is_remade:
            return
        kind = kind_of(resource.type)
        back = replace(resource, properties=before["properties"], status="UPDATE_IN_PROGRESS", at=self._at())
        await self._note(back)
        calls = None if is_remade else changes(kind, self._known(resource), self._known(back))
        try:
            if calls is not None:
                known = await self._doing.take_back(back, calls, self._known(resource), self._known(back))
                if known.identity != resource.physical_id:  # a custom resource made another of itself
                    await self._doing.delete(resource, self._known(resource))
            else:
                if resource.physical_id:
                    await self._doing.delete(resource, self._known(resource))
                known = await self._doing.create(back, Known(back.properties, places=self._places))
            back = replace(back, physical_id=known.identity or "", result=known.result)
        except StepFailed as error:
            await self._fail(resource, "UPDATE_FAILED", error)
            raise
        await self._note(replace(back, status="UPDATE_COMPLETE", before=None, at=self._at()))


def _before(resource: Resource) -> Resource | None:
    """Return a resource as it was before the update, or None."""
    if resource.before is None:
        return None
    return replace(
        resource,
        type=resource.before["type"],
        physical_id=resource.before["physical_id"],
        properties=resource.before["properties"],
        result=resource.before["result"],
    )
