"""Steps of a type, performed: a resource made, changed, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.running.answers import at, fleeting, kept, to_keep, without_fleeting
from sagehen.services.cloudformation.running.calling import Actor, Calling, StepFailed, says_gone
from sagehen.services.cloudformation.running.changes import Call, applies, each
from sagehen.services.cloudformation.running.waiting import wait_for
from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.requests import filled
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step


class Steps(Calling):
    """Performs the steps of resource types."""

    async def create(self, actor: Actor, kind: ResourceType, known: Known) -> Known:
        """Make a resource; return what is known of it then.

        Raises:
            StepFailed: With the `known` of what there is, as its `known`.
        """
        try:
            self._require_known(kind, known)
            first = True
            for step in kind.create:
                if applies(step, known):
                    known = await self._step_of_creation(actor, kind, step, known, is_first=first)
                    first = False
            if kind.tags.get("after") and known.properties.get("Tags"):
                await self.call(actor, kind, kind.tags["set"], known)
        except StepFailed as error:
            error.known = without_fleeting(kind, known)  # type: ignore[attr-defined]
            raise
        known = without_fleeting(kind, known)
        return known if known.identity is not None else replace(known, identity=self.identity(kind, known))

    def _require_known(self, kind: ResourceType, known: Known) -> None:
        """Raise StepFailed for a property that no step would send: nothing is dropped in silence."""
        updated = {name for step in kind.update for name in step["on"]}
        names = known.properties.keys() - kind.named_properties - updated
        if rest := kind.takes_rest:
            names = {name for name in names if name.lower() not in self._shapes.members(*rest)}
        if names:
            raise StepFailed(f"Encountered unsupported property {min(names)}")

    async def _step_of_creation(
        self, actor: Actor, kind: ResourceType, step: Step, known: Known, *, is_first: bool
    ) -> Known:
        answer: Mapping[str, Any] = {}
        for one in each(step, known):
            answer = await self.call(actor, kind, step, one)
        if is_first:
            result = at(answer, step["result"]) if "result" in step else answer
            known = replace(known, result=kept(result))
            known = replace(known, identity=self.identity(kind, known))
        if "wait" in step:
            await wait_for(self, actor, kind, step["wait"], known)
        return replace(known, result={**known.result, **to_keep(step, answer)})

    async def change(self, actor: Actor, kind: ResourceType, calls: Sequence[Call]) -> dict[str, Any]:
        """Change a resource in place, by what `changes` found; return what of the answers is kept.

        Raises:
            StepFailed
        """
        found: dict[str, Any] = {}
        for step, known in calls:
            told = replace(known, result={**known.result, **found})
            found |= to_keep(step, await self.call(actor, kind, step, told))
            if "wait" in step:
                await wait_for(self, actor, kind, step["wait"], told)
        doomed = fleeting(kind)
        return {name: one for name, one in found.items() if name not in doomed}

    async def delete(self, actor: Actor, kind: ResourceType, known: Known) -> None:
        """Delete a resource; what is gone already is gone.

        Raises:
            StepFailed
        """
        for step in kind.delete:
            if not applies(step, known) or not await self._is_about_it(actor, kind, step, known):
                continue
            for one in each(step, known):
                try:
                    await self.call(actor, kind, step, one)
                except StepFailed as error:
                    if not says_gone(kind, error):
                        raise
            if "wait" in step:
                await wait_for(self, actor, kind, step["wait"], known)

    async def _is_about_it(self, actor: Actor, kind: ResourceType, step: Step, known: Known) -> bool:
        """Tell whether a step of a deletion is still about this resource, and not one in its place."""
        only = step.get("only")
        if only is None:
            return True
        try:
            answer = await self.call(actor, kind, only, known)
        except StepFailed as error:
            if says_gone(kind, error):
                return False
            raise
        return bool(at(answer, only["path"]) == filled(only["is"], known))

    async def restore(self, actor: Actor, kind: ResourceType, known: Known) -> None:
        """Give a resource back what the one that was to replace it took over.

        Raises:
            StepFailed
        """
        for step in kind.restore:
            if applies(step, known):
                await self.call(actor, kind, step, known)

    @staticmethod
    def identity(kind: ResourceType, known: Known) -> str:
        """Return the physical id, which may be known before the resource is there."""
        value = filled(kind.identity, known)
        return "" if value is ABSENT else str(value)
