"""StackRun: what goes on in one stack, to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace

from sagehen.api.errors import ServiceError
from sagehen.domain.timeouts import timeout
from sagehen.services.cloudformation.running.calling import StepFailed
from sagehen.services.cloudformation.running.evaluating import Plan, plan_of
from sagehen.services.cloudformation.running.resource_work import ResourceWork
from sagehen.services.cloudformation.running.tools import Tools
from sagehen.services.cloudformation.running.walking import reversed_needs, walk
from sagehen.services.cloudformation.stacks.stack import Resource, Stack, Version
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved

_log = logging.getLogger(__name__)
_RESTARTED = "The platform was restarted."


class StackRun:
    """Carries out what a stack's status says is in progress.

    Args:
        resumed: It was under way in an earlier life: what was being made is taken back, what was being
            deleted goes on.
    """

    def __init__(self, tools: Tools, stack: Stack, *, resumed: bool = False) -> None:
        self._tools = tools
        self._stack = stack
        self._resumed = resumed

    async def carry_out(self) -> None:
        """Go on until the stack is in a state in which nothing goes on."""
        work = {
            "CREATE_IN_PROGRESS": self._create,
            "ROLLBACK_IN_PROGRESS": self._roll_back,
            "UPDATE_IN_PROGRESS": self._update,
            "UPDATE_ROLLBACK_IN_PROGRESS": self._roll_update_back,
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": self._clean_up,
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": self._clean_up_rollback,
            "DELETE_IN_PROGRESS": self._delete,
            "IMPORT_IN_PROGRESS": self._import,
            "IMPORT_ROLLBACK_IN_PROGRESS": self._roll_import_back,
        }[self._stack.status]
        told = self._stack.version.change_set  # which the version that it is taken back to has not
        try:
            await work()
        except (StepFailed, ServiceError, Unresolved, NotYet) as error:
            await self._give_up(str(error))
        except Exception:
            _log.exception("what goes on in the stack %s broke off", self._stack.name)
            await self._give_up("Internal Failure")
        if told and self._stack.parent is None:  # those of nested stacks have been carried out, or never will
            await self._tools.change_sets.remove_beneath(told)
        if self._stack.is_deleted:
            await self._tools.change_sets.remove(self._stack)

    # --- creation --------------------------------------------------------------------------

    async def _create(self) -> None:
        if self._resumed:
            await self._become("ROLLBACK_IN_PROGRESS", _RESTARTED)
            await self._roll_back()
            return
        plan, work = await self._plan(self._stack.version), await self._work()
        try:
            async with timeout(60 * self._stack.longest_min if self._stack.longest_min else None):
                failed, _ = await walk(plan.needs, lambda name: work.create(plan, name))
            reason = _failed_words("create", failed)
        except TimeoutError:
            reason = "Stack creation time exceeded the specified timeout."
        if not reason:
            reason = await self._output(plan, work) or ""
        if not reason:
            await self._become("CREATE_COMPLETE")
        elif self._stack.on_failure == "DO_NOTHING":
            await self._become("CREATE_FAILED", reason)
        elif self._stack.on_failure == "DELETE":
            await self._become("DELETE_IN_PROGRESS", reason)
            await self._delete()
        else:
            # Recorded, in public issues: these words stand there whoever asked.
            await self._become("ROLLBACK_IN_PROGRESS", f"{reason} Rollback requested by user.")
            await self._roll_back()

    async def _roll_back(self) -> None:
        work = await self._work()
        failed = await self._delete_all(work, work.resources)
        await self._tools.records.set_exports(self._stack, ())
        if failed:
            await self._become("ROLLBACK_FAILED", _failed_words("delete", failed))
        else:
            await self._become("ROLLBACK_COMPLETE")

    # --- update ----------------------------------------------------------------------------

    async def _update(self) -> None:
        if self._resumed:
            await self._become("UPDATE_ROLLBACK_IN_PROGRESS", _RESTARTED)
            await self._roll_update_back()
            return
        plan, work = await self._plan(self._stack.version), await self._work()
        failed = await work.refused_deletions(plan)
        if not failed:
            failed, _ = await walk(plan.needs, lambda name: work.update(plan, name))
        reason = _failed_words("update", failed)
        if not failed:
            reason = await self._output(plan, work) or ""
        if not reason:
            await self._become("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            if not self._stack.held:  # else the stack that it is nested in says whether it stays
                await self._clean_up()
        elif self._stack.on_failure == "DO_NOTHING":
            await self._become("UPDATE_FAILED", reason)
        else:
            await self._become("UPDATE_ROLLBACK_IN_PROGRESS", reason)
            await self._roll_update_back()

    async def _clean_up(self) -> None:
        """Delete what the update replaced or left out. As on AWS, what cannot be deleted stays behind."""
        plan, work = await self._plan(self._stack.version), await self._work()
        gone = {name: one for name, one in work.resources.items() if name not in plan.needs}
        await self._delete_all(work, gone)
        for name in list(work.resources):
            await self._quietly(work.delete_replaced(name, old=True))
            if name in work.resources and work.resources[name].is_new:
                await self._tools.records.put(self._stack, replace(work.resources[name], is_new=False))
        await self._become("UPDATE_COMPLETE", before=None, held=False)

    async def _roll_update_back(self) -> None:
        work = await self._work()
        for name in self._stack.skipped:
            await work.skip(name)
        needs = {
            name: frozenset(one.needs)
            for name, one in work.resources.items()
            if one.before and not one.is_new
        }
        failed, _ = await walk(needs, work.take_back)
        if failed:
            await self._become("UPDATE_ROLLBACK_FAILED", _failed_words("update", failed))
            return
        await self._become("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        await self._clean_up_rollback()

    async def _clean_up_rollback(self) -> None:
        work = await self._work()
        new = {name: one for name, one in work.resources.items() if one.is_new}
        for name in [name for name, one in work.resources.items() if name not in new]:
            if work.resources[name].type in {one.type for one in new.values()}:
                await self._quietly(work.restore(name))
        await self._delete_all(work, new)
        for name in list(work.resources):
            await self._quietly(work.delete_replaced(name, old=False))
        version = self._stack.before or self._stack.version
        plan = await self._plan(version)
        await self._output(plan, work)
        await self._become("UPDATE_ROLLBACK_COMPLETE", version=version, before=None, held=False)

    # --- import ----------------------------------------------------------------------------

    async def _import(self) -> None:
        if self._resumed:
            await self._become("IMPORT_ROLLBACK_IN_PROGRESS", _RESTARTED)
            await self._roll_import_back()
            return
        plan, work = await self._plan(self._stack.version), await self._work()
        needs = {name: plan.needs[name] for name in self._stack.version.imports}
        failed, _ = await walk(needs, lambda name: work.create(plan, name, is_new=True))
        reason = _failed_words("import", failed)
        if not failed:
            reason = await self._output(plan, work) or ""
        if reason:
            await self._become("IMPORT_ROLLBACK_IN_PROGRESS", reason)
            await self._roll_import_back()
            return
        for name in needs:
            await self._tools.records.put(self._stack, replace(work.resources[name], is_new=False))
        await self._become("IMPORT_COMPLETE", before=None)

    async def _roll_import_back(self) -> None:
        """Let go of what was taken over; it stays as it is."""
        work = await self._work()
        await self._delete_all(work, {name: one for name, one in work.resources.items() if one.is_new})
        version = self._stack.before or self._stack.version
        await self._become("IMPORT_ROLLBACK_COMPLETE", version=version, before=None)

    # --- deletion --------------------------------------------------------------------------

    async def _delete(self) -> None:
        work = await self._work()
        failed = await self._delete_all(work, work.resources)
        if failed:
            await self._become("DELETE_FAILED", _failed_words("delete", failed))
            return
        await self._tools.records.set_exports(self._stack, ())
        await self._become("DELETE_COMPLETE", deleted_at=self._tools.now().timestamp())
        await self._tools.records.sweep(self._stack.scope)

    async def _delete_all(self, work: ResourceWork, resources: Mapping[str, Resource]) -> dict[str, str]:
        needs = {name: frozenset(one.needs) & resources.keys() for name, one in resources.items()}
        failed, _ = await walk(reversed_needs(needs), work.delete)
        return failed

    async def _quietly(self, deleting: object) -> None:
        try:
            await deleting  # type: ignore[misc]
        except StepFailed as error:
            _log.info("left behind by the stack %s: %s", self._stack.name, error)

    # --- what they share -------------------------------------------------------------------

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

    async def _give_up(self, reason: str) -> None:
        """End in the failed form of what goes on."""
        status = self._stack.status
        ends = {
            "CREATE_IN_PROGRESS": "CREATE_FAILED",
            "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
            "DELETE_IN_PROGRESS": "DELETE_FAILED",
            "IMPORT_IN_PROGRESS": "IMPORT_ROLLBACK_FAILED",
            "IMPORT_ROLLBACK_IN_PROGRESS": "IMPORT_ROLLBACK_FAILED",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_COMPLETE",
        }
        if status == "UPDATE_IN_PROGRESS":
            await self._become("UPDATE_ROLLBACK_IN_PROGRESS", reason)
            status = self._stack.status
        await self._become(ends.get(status, "UPDATE_ROLLBACK_FAILED"), reason)


def _failed_words(verb: str, failed: Mapping[str, str]) -> str:
    if not failed:
        return ""
    return f"The following resource(s) failed to {verb}: [{', '.join(sorted(failed))}]."
