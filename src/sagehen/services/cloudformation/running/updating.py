"""Updates of stacks: carried out, taken back, cleaned up after."""

from __future__ import annotations

from dataclasses import replace

from sagehen.services.cloudformation.running.progress import RESTARTED, Progress, failed_words
from sagehen.services.cloudformation.running.walking import walk


class Updates(Progress):
    """`UPDATE_*`."""

    async def _update(self) -> None:
        if self._resumed and self._stack.before is None:
            await self._become("UPDATE_FAILED", RESTARTED)
            return
        if self._resumed:
            await self._become("UPDATE_ROLLBACK_IN_PROGRESS", RESTARTED)
            await self._roll_update_back()
            return
        plan, work = await self._plan(self._stack.version), await self._work()
        failed = await work.refused_deletions(plan)
        if not failed:
            failed, _ = await walk(plan.needs, lambda name: work.update(plan, name))
        reason = failed_words("update", failed)
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
        await self._become("UPDATE_COMPLETE", before=None, held=False, goes_on=False)

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
            await self._become("UPDATE_ROLLBACK_FAILED", failed_words("update", failed))
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
        await self._become(
            "UPDATE_ROLLBACK_COMPLETE", version=version, before=None, held=False, goes_on=False
        )
