"""Imports into stacks: what is there already becomes theirs, or is let go of again."""

from __future__ import annotations

from dataclasses import replace

from sagehen.services.cloudformation.running.progress import RESTARTED, Progress, failed_words
from sagehen.services.cloudformation.running.walking import walk


class Imports(Progress):
    """`IMPORT_*`."""

    async def _import(self) -> None:
        if self._resumed:
            await self._become("IMPORT_ROLLBACK_IN_PROGRESS", RESTARTED)
            await self._roll_import_back()
            return
        plan, work = await self._plan(self._stack.version), await self._work()
        needs = {name: plan.needs[name] for name in self._stack.version.imports}
        failed, _ = await walk(needs, lambda name: work.create(plan, name, is_new=True))
        reason = failed_words("import", failed)
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
