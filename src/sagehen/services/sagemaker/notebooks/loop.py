"""NotebookLoop: keeps one notebook instance as its record says, for as long as there is something to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.notebooks import failure, plan, states
from sagehen.services.sagemaker.notebooks.code_repositories.records import CodeRepositoryRecords
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance
from sagehen.services.sagemaker.notebooks.lifecycle_configs.records import LifecycleConfigRecords
from sagehen.services.sagemaker.notebooks.records import NotebookRecords
from sagehen.services.sagemaker.notebooks.run import ServerRun
from sagehen.services.sagemaker.notebooks.server import LaunchFailed, NotebookServers
from sagehen.upkeep import keeping
from sagehen.upkeep.keeping import Failures
from sagehen.upkeep.pauses import Rest
from sagehen.upkeep.single import SingleLoop

_log = logging.getLogger("sagehen.notebooks")
# The platform is leaving: what people saved is on the volume.
_LEAVING_GRACE_S = 1.0


class NotebookLoop(SingleLoop[ServerRun]):
    """One notebook instance's task; its run is its server."""

    def __init__(
        self,
        instance: NotebookInstance,
        *,
        records: NotebookRecords,
        means: Means,
        servers: NotebookServers,
        configs: LifecycleConfigRecords,
        repositories: CodeRepositoryRecords,
    ) -> None:
        super().__init__(f"notebook instance {instance.name}", means.wall_clock, _LEAVING_GRACE_S)
        self.instance = instance
        self._records = records
        self._means = means
        self._servers = servers
        self._configs = configs
        self._repositories = repositories
        self._failures: Failures | None = None

    async def _pass(self) -> plan.Action:
        """Observe, plan, act; return what was done."""
        instance = self._records.get(*self.instance.key)
        if instance is None:
            return Rest()
        self.instance = instance
        action = plan.plan(instance, self._phase(), self._failures, self._clock.monotonic())
        await self._act(action)
        return action

    async def _act(self, action: plan.Action) -> None:
        match action:
            case keeping.Launch():
                self._launch(
                    ServerRun(
                        self.instance,
                        means=self._means,
                        servers=self._servers,
                        configs=self._configs,
                        repositories=self._repositories,
                    )
                )
            case keeping.Open():
                await self._change(states.in_service)
            case keeping.End():
                assert self.run is not None
                self.run.stop()
            case keeping.Fail(reason):
                await self._change(lambda instance: states.failed(instance, reason))
                self._failures = None
            case keeping.Settle():
                await self._settle()
            case plan.Resize():
                await self._resize()
            case keeping.Remove():
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

    def _note_end(self, run: ServerRun, served_s: float | None, now: float) -> None:
        if run.failure is not None:
            self._failures = Failures.after(self._failures, served_s, now, run.failure)
