"""Detections: drift of whole stacks, each a task of its own."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from sagehen.domain.identity import Principal
from sagehen.services.cloudformation.drift.reading_back import can_be_read, read_back
from sagehen.services.cloudformation.drift.records import DriftRecords
from sagehen.services.cloudformation.running.calling import Actor
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.stacks.stack import Resource, Stack

_log = logging.getLogger(__name__)
# Resources that are read at once, of one stack.
_AT_ONCE = 10


class AlreadyUnderWay(Exception):
    """A stack is being read back already."""


class Detections:
    """Reads stacks back. What is under way is known here; rows alone are left over where storing failed."""

    def __init__(self, tools: Tools, records: DriftRecords) -> None:
        self._tools = tools
        self._records = records
        self._under_way: dict[str, asyncio.Task[None] | None] = {}

    async def begin(self, principal: Principal, stack: Stack, names: list[str]) -> str:
        """Begin to read resources back; return the detection's id.

        Args:
            principal: Who asked; a stack with a role is read with that.
            names: Logical ids; none for all.

        Raises:
            AlreadyUnderWay
        """
        if stack.id in self._under_way:
            raise AlreadyUnderWay
        self._under_way[stack.id] = None  # before anything else may begin
        detection: dict[str, Any] = {
            "id": self._tools.ids.uuid(),
            "state": "DETECTION_IN_PROGRESS",
            "at": self._tools.now().timestamp(),
        }
        try:
            await self._records.begin(stack, detection)
        except BaseException:
            del self._under_way[stack.id]
            raise
        work = self._detect(principal, stack, names, detection)
        task = asyncio.create_task(work, name=f"drift {stack.name}")
        self._under_way[stack.id] = task
        task.add_done_callback(lambda done: self._ended(stack, done))
        return str(detection["id"])

    def last(self, stack: Stack) -> dict[str, Any] | None:
        """Return a stack's last detection, or None; one whose end could not be stored has failed."""
        found = self._records.of_stack(stack)
        if found and found["state"] == "DETECTION_IN_PROGRESS" and stack.id not in self._under_way:
            return {**found, "state": "DETECTION_FAILED", "reason": "What was found could not be stored."}
        return found

    def _ended(self, stack: Stack, task: asyncio.Task[None]) -> None:
        del self._under_way[stack.id]
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("drift of the stack %s is not stored", stack.name, exc_info=error)

    async def of_one(self, principal: Principal, stack: Stack, resource: Resource) -> dict[str, Any]:
        """Read one resource back; return what was found."""
        return await self._read(await self._actor(principal, stack), stack, resource)

    async def end_all(self) -> None:
        """End what runs; the next start says that it failed."""
        tasks = [task for task in self._under_way.values() if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _detect(
        self, principal: Principal, stack: Stack, names: list[str], detection: dict[str, Any]
    ) -> None:
        resources = self._tools.records.resources(stack)
        wanted = [one for name, one in resources.items() if (name in names or not names) and can_be_read(one)]
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(actor: Actor, resource: Resource) -> dict[str, Any]:
            async with room:
                return await self._read(actor, stack, resource)

        try:
            actor = await self._actor(principal, stack)
            found = await asyncio.gather(*(one(actor, resource) for resource in wanted))
        except Exception as error:
            _log.exception("drift of the stack %s", stack.name)
            await self._records.put(
                stack, "", {**detection, "state": "DETECTION_FAILED", "reason": str(error)}
            )
            return
        await self._records.put(stack, "", {**detection, **_summary(wanted, found)})

    async def _read(self, actor: Actor, stack: Stack, resource: Resource) -> dict[str, Any]:
        found = await read_back(self._tools, actor, stack, resource)
        told = {**found, "at": self._tools.now().timestamp()}
        await self._records.put(stack, resource.logical_id, told)
        return told

    async def _actor(self, principal: Principal, stack: Stack) -> Actor:
        if stack.version.role_arn is None:
            return Actor(principal, stack.scope)
        return await self._tools.actor(stack)


def _summary(resources: list[Resource], found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a detection comes to. Documented: one that cannot be read makes it fail; others count."""
    drifted = sum(one["status"] in ("MODIFIED", "DELETED") for one in found)
    unknown = [
        resource.logical_id
        for resource, one in zip(resources, found, strict=True)
        if one["status"] == "UNKNOWN"
    ]
    status = "DRIFTED" if drifted else "UNKNOWN" if unknown else "IN_SYNC"
    if unknown:
        reason = f"Failed to detect drift on resource [{', '.join(unknown)}]"
        return {"state": "DETECTION_FAILED", "status": status, "count": drifted, "reason": reason}
    return {"state": "DETECTION_COMPLETE", "status": status, "count": drifted}
