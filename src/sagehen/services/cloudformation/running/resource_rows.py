"""ResourceRows: the resources of one stack, as they are; what happens is on record before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sagehen.services.cloudformation.running.calling import Actor
from sagehen.services.cloudformation.running.doing import Doing
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.stack import Resource, Stack
from sagehen.services.cloudformation.types.known import Known


class ResourceRows:
    """What all work on resources shares.

    Args:
        actor: Who acts.
        resources: By logical id, as they are; changed as work goes on.
    """

    def __init__(self, tools: Tools, stack: Stack, actor: Actor, resources: dict[str, Resource]) -> None:
        self._tools = tools
        self._stack = stack
        self._actor = actor
        self._doing = Doing(tools, stack, actor)
        self.resources = resources

    @property
    def _places(self) -> Mapping[str, str]:
        return self._tools.places(self._stack)

    def _known(self, resource: Resource) -> Known:
        return Known(resource.properties, resource.physical_id or None, resource.result, places=self._places)

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
