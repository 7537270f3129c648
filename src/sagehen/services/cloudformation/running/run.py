"""StackRun: what goes on in one stack, to its end."""

from __future__ import annotations

import logging

from sagehen.api.errors import ServiceError
from sagehen.domain.timeouts import timeout
from sagehen.services.cloudformation.running.calling import StepFailed
from sagehen.services.cloudformation.running.importing import Imports
from sagehen.services.cloudformation.running.progress import RESTARTED, failed_words
from sagehen.services.cloudformation.running.updating import Updates
from sagehen.services.cloudformation.running.walking import walk
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved

_log = logging.getLogger(__name__)


class StackRun(Updates, Imports):
    """Carries out what a stack's status says is in progress."""

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
            await self._become("ROLLBACK_IN_PROGRESS", RESTARTED)
            await self._roll_back()
            return
        plan, work = await self._plan(self._stack.version), await self._work()
        try:
            async with timeout(60 * self._stack.longest_min if self._stack.longest_min else None):
                failed, _ = await walk(plan.needs, lambda name: work.create(plan, name))
            reason = failed_words("create", failed)
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
            await self._become("ROLLBACK_FAILED", failed_words("delete", failed))
        else:
            await self._become("ROLLBACK_COMPLETE")

    # --- deletion --------------------------------------------------------------------------

    async def _delete(self) -> None:
        work = await self._work()
        failed = await self._delete_all(work, work.resources)
        if failed:
            await self._become("DELETE_FAILED", failed_words("delete", failed))
            return
        await self._tools.records.set_exports(self._stack, ())
        await self._become("DELETE_COMPLETE", deleted_at=self._tools.now().timestamp())
        await self._tools.records.sweep(self._stack.scope)

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
        if status == "UPDATE_IN_PROGRESS" and self._stack.on_failure == "DO_NOTHING":
            ends[status] = "UPDATE_FAILED"
        elif status == "UPDATE_IN_PROGRESS":
            await self._become("UPDATE_ROLLBACK_IN_PROGRESS", reason)
            status = self._stack.status
        await self._become(ends.get(status, "UPDATE_ROLLBACK_FAILED"), reason)
