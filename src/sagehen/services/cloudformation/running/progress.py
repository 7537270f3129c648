"""Progress: a stack in which something goes on: what is to become of it, the work on it, how it stands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import replace

from sagehen.api.errors import ServiceError
from sagehen.services.cloudformation.running.calling import StepFailed
from sagehen.services.cloudformation.running.evaluating import Plan, plan_of
from sagehen.services.cloudformation.running.resource_work import ResourceWork
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.running.walking import reversed_needs, walk
from sagehen.services.cloudformation.stacks.stack import Resource, Stack, Version
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved

_log = logging.getLogger(__name__)
RESTARTED = "The platform was restarted."


class Progress:
    """What everything that goes on in a stack needs.

    Args:
        resumed: It was under way in an earlier life: what was being made is taken back, what was being
            deleted goes on.
    """

    def __init__(self, tools: Tools, stack: Stack, *, resumed: bool = False) -> None:
        self._tools = tools
        self._stack = stack
        self._resumed = resumed

    async def _work(self) -> ResourceWork:
        actor = await self._tools.actor(self._stack)
        return ResourceWork(self._tools, self._stack, actor, self._tools.records.resources(self._stack))

    async def _plan(self, version: Version) -> Plan:
        exports = {one["name"]: one["value"] for one in self._tools.records.exports(self._stack.scope)}

        def imported(name: str) -> str:
            if name not in exports:
                raise Unresolved(f"No export named {name} found.")
            return exports[name]

        return await asyncio.to_thread(plan_of, self._stack, version, imported, version.resolved)

    async def _output(self, plan: Plan, work: ResourceWork) -> str | None:
        """Set the stack's outputs; return why that cannot be, or None."""
        try:
            outputs = plan.outputs(work.resources, self._tools.places(self._stack))
            exports = [(one["ExportName"], one["OutputValue"]) for one in outputs if "ExportName" in one]
            await self._tools.records.set_exports(self._stack, exports)
        except (Unresolved, NotYet, ServiceError) as error:
            return str(error)
        self._stack = await self._tools.records.change(
            self._stack, lambda stack: replace(stack, outputs=outputs)
        )
        return None

    async def _become(self, status: str, reason: str | None = None, **changes: object) -> None:
        event = self._tools.event(self._stack, status, reason)
        self._stack = await self._tools.records.change(
            self._stack,
            lambda stack: replace(stack.at(status, reason), **changes),  # type: ignore[arg-type]
            event,
        )

    async def _delete_all(self, work: ResourceWork, resources: Mapping[str, Resource]) -> dict[str, str]:
        needs = {name: frozenset(one.needs) & resources.keys() for name, one in resources.items()}
        failed, _ = await walk(reversed_needs(needs), work.delete)
        return failed

    async def _quietly(self, deleting: Awaitable[None]) -> None:
        try:
            await deleting
        except StepFailed as error:
            _log.info("left behind by the stack %s: %s", self._stack.name, error)


def failed_words(verb: str, failed: Mapping[str, str]) -> str:
    """Return why something failed; '' where nothing did."""
    if not failed:
        return ""
    return f"The following resource(s) failed to {verb}: [{', '.join(sorted(failed))}]."
