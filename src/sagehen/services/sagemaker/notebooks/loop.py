"""NotebookLoop: keeps one notebook instance as its record says, for as long as there is something to do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from sagehen.domain.clock import wait_for
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.notebooks import failure, plan, states
from sagehen.services.sagemaker.notebooks.code_repositories.records import CodeRepositoryRecords
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance
from sagehen.services.sagemaker.notebooks.lifecycle_configs.records import LifecycleConfigRecords
from sagehen.services.sagemaker.notebooks.plan import Failures
from sagehen.services.sagemaker.notebooks.records import NotebookRecords
from sagehen.services.sagemaker.notebooks.run import ServerRun
from sagehen.services.sagemaker.notebooks.server import LaunchFailed, NotebookServers

_log = logging.getLogger("sagehen.notebooks")
# The platform is leaving: what people saved is on the volume.
_LEAVING_GRACE_S = 1.0


class NotebookLoop:
    """One notebook instance's task.

    Args:
        on_rest: Called when there is nothing left to do, or the instance is gone.

    Attributes:
        run: Its server; None where nothing runs.
    """

    def __init__(
        self,
        instance: NotebookInstance,
        *,
        records: NotebookRecords,
        means: Means,
        servers: NotebookServers,
        configs: LifecycleConfigRecords,
        repositories: CodeRepositoryRecords,
        on_rest: Callable[[NotebookLoop], None],
    ) -> None:
        self.instance = instance
        self.run: ServerRun | None = None
        self._records = records
        self._means = means
        self._servers = servers
        self._configs = configs
        self._repositories = repositories
        self._on_rest = on_rest
        self._failures: Failures | None = None
        self._poked = asyncio.Event()
        self._troubles = 0
        self._closing = False
        self._task = asyncio.create_task(self._run(), name=f"notebook-loop-{instance.name}")

    def poke(self) -> None:
        """Something changed: look again now."""
        self._poked.set()

    async def close(self) -> None:
        """End the server; the record stays, so that the next start brings it back."""
        self._closing = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self.run is not None:
            self.run.stop(_LEAVING_GRACE_S)
            await self.run.ended()

    async def _run(self) -> None:
        clock = self._means.wall_clock
        while True:
            self._poked.clear()
            try:
                action = await self._pass()
                self._troubles = 0
            except Exception:
                _log.exception("a pass over notebook instance %s failed", self.instance.name)
                self._troubles += 1
                await clock.sleep(min(60.0, 2.0**self._troubles / 2))
                continue
            match action:
                case plan.Rest():
                    # Nobody came in between: nothing was awaited since the record was read.
                    self._on_rest(self)
                    return
                case plan.Wait(until):
                    await wait_for(self._poked, clock, None if until is None else until - clock.monotonic())

    async def _pass(self) -> plan.Action:
        """Observe, plan, act; return what was done."""
        instance = self._records.get(*self.instance.key)
        if instance is None:
            return plan.Rest()
        self.instance = instance
        phase = None if self.run is None or self.run.phase == "ended" else self.run.phase
        action = plan.plan(instance, phase, self._failures, self._means.wall_clock.monotonic())
        await self._act(action)
        return action

    async def _act(self, action: plan.Action) -> None:
        match action:
            case plan.Launch():
                self.run = ServerRun(
                    self.instance,
                    means=self._means,
                    servers=self._servers,
                    configs=self._configs,
                    repositories=self._repositories,
                    on_change=self._changed,
                )
            case plan.Open():
                await self._change(states.in_service)
            case plan.End():
                assert self.run is not None
                self.run.stop()
            case plan.Fail(reason):
                await self._change(lambda instance: states.failed(instance, reason))
                self._failures = None
            case plan.Settle():
                await self._settle()
            case plan.Resize():
                await self._resize()
            case plan.Remove():
                await self._servers.remove_volume(self.instance.volume_id)
                await self._records.remove(self.instance)

    async def _settle(self) -> None:
        self._failures = None
        await self._change(states.stopped)

    async def _resize(self) -> None:
        try:
            await self._servers.resize(self.instance.volume_id, self.instance.settings.volume_gb)
        except (LaunchFailed, OSError) as error:
            _log.warning("the volume of notebook instance %s: %s", self.instance.name, error)
            reason = str(error) or failure.INTERNAL
            await self._change(lambda instance: states.failed(instance, reason))
        else:
            await self._settle()

    async def _change(self, change: Callable[[NotebookInstance], NotebookInstance]) -> None:
        now = self._means.clock.now()

        def dated(instance: NotebookInstance) -> NotebookInstance:
            changed = change(instance)
            return instance if changed == instance else replace(changed, modified_at=now)

        changed = await self._records.change(*self.instance.key, dated)
        if changed is not None:
            self.instance = changed

    def _changed(self, run: ServerRun) -> None:
        """Told by the server that it became ready or ended."""
        if run.phase == "ended" and run.failure is not None:
            now = self._means.wall_clock.monotonic()
            served_s = None if run.ready_at is None else now - run.ready_at
            self._failures = plan.ended(self._failures, served_s, now, run.failure)
        if run.phase == "ended" and run is self.run and not self._closing:
            self.run = None
        self.poke()
