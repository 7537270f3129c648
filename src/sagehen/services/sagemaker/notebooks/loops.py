"""NotebookLoops: the loops of all notebook instances for which there is something to do."""

from __future__ import annotations

import asyncio

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.notebooks.code_repositories.records import CodeRepositoryRecords
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance
from sagehen.services.sagemaker.notebooks.lifecycle_configs.records import LifecycleConfigRecords
from sagehen.services.sagemaker.notebooks.loop import NotebookLoop
from sagehen.services.sagemaker.notebooks.records import NotebookRecords
from sagehen.services.sagemaker.notebooks.server import NotebookServer, NotebookServers


class NotebookLoops:
    """Begins a loop for each instance that there is something to do for, and for each that is changed."""

    def __init__(
        self,
        *,
        records: NotebookRecords,
        means: Means,
        servers: NotebookServers,
        configs: LifecycleConfigRecords,
        repositories: CodeRepositoryRecords,
    ) -> None:
        self._records = records
        self._means = means
        self._servers = servers
        self._configs = configs
        self._repositories = repositories
        self._loops: dict[tuple[Scope, str], NotebookLoop] = {}

    async def start(self) -> None:
        """Bring back what an earlier life of the platform ran; volumes of no instance go."""
        instances = self._records.all()
        await self._servers.keep_only({instance.volume_id for instance in instances})
        for instance in instances:
            self.watch(instance)

    async def stop(self) -> None:
        """End every server; records stay."""
        loops, self._loops = list(self._loops.values()), {}
        await asyncio.gather(*(loop.close() for loop in loops))

    async def reset(self) -> None:
        """Forget all; the tables were emptied before."""
        await self.stop()
        await self.start()

    def watch(self, instance: NotebookInstance) -> None:
        """The record of an instance is new, or changed: bring what there is in line with it."""
        if (loop := self._loops.get(instance.key)) is not None:
            loop.poke()
            return
        self._loops[instance.key] = NotebookLoop(
            instance,
            records=self._records,
            means=self._means,
            servers=self._servers,
            configs=self._configs,
            repositories=self._repositories,
            on_rest=self._rests,
        )

    def server(self, instance: NotebookInstance) -> NotebookServer | None:
        """Return the server that answers for an instance, or None."""
        loop = self._loops.get(instance.key)
        if loop is None or loop.run is None or loop.run.phase != "ready":
            return None
        return loop.run.server

    def _rests(self, loop: NotebookLoop) -> None:
        if self._loops.get(loop.instance.key) is loop:
            del self._loops[loop.instance.key]
