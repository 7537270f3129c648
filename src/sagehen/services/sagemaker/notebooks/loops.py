"""NotebookLoops: the loops of all notebook instances for which there is something to do."""

from __future__ import annotations

import logging

from sagehen.domain.background import Rounds
from sagehen.domain.scope import Scope
from sagehen.domain.timeouts import timeout
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.notebooks import states
from sagehen.services.sagemaker.notebooks.code_repositories.records import CodeRepositoryRecords
from sagehen.services.sagemaker.notebooks.idleness import is_idle
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance
from sagehen.services.sagemaker.notebooks.lifecycle_configs.records import LifecycleConfigRecords
from sagehen.services.sagemaker.notebooks.loop import NotebookLoop
from sagehen.services.sagemaker.notebooks.records import NotebookRecords
from sagehen.services.sagemaker.notebooks.server import NotebookServer, NotebookServers
from sagehen.upkeep.loops import Loops

_log = logging.getLogger("sagehen.notebooks")
# How often is asked who is idle, and how long one may take to say.
_IDLENESS_INTERVAL_S = 20.0
_ANSWER_S = 5.0


class NotebookLoops:
    """Begins a loop for each instance that there is something to do for, and for each that is changed.

    Args:
        idle_s: After so long without any use an instance is stopped; None: never.
    """

    def __init__(
        self,
        *,
        records: NotebookRecords,
        means: Means,
        servers: NotebookServers,
        configs: LifecycleConfigRecords,
        repositories: CodeRepositoryRecords,
        idle_s: float | None = None,
    ) -> None:
        self._records = records
        self._means = means
        self._servers = servers
        self._configs = configs
        self._repositories = repositories
        self._loops = Loops[tuple[Scope, str], NotebookLoop]()
        self._idle_s = idle_s
        self._looking = Rounds(
            "notebook-idleness",
            self._stop_idle,
            means.wall_clock,
            _IDLENESS_INTERVAL_S,
            tale="looking for idle notebook instances",
            at_once=False,
        )

    async def start(self) -> None:
        """Bring back what an earlier life of the platform ran; volumes of no instance go."""
        instances = self._records.all()
        await self._servers.keep_only({instance.volume_id for instance in instances})
        self._loops.open()
        for instance in instances:
            self.watch(instance)
        if self._idle_s is not None:
            self._looking.start()

    async def stop(self) -> None:
        """End every server; records stay."""
        await self._looking.stop()
        await self._loops.close()

    async def reset(self) -> None:
        """Forget all; the tables were emptied before."""
        await self.stop()
        await self.start()

    def watch(self, instance: NotebookInstance) -> None:
        """The record of an instance is new, or changed: bring what there is in line with it.

        Before `start`, and after `stop`, it only waits for the next one, which finds it by itself.
        """
        self._loops.watch(
            instance.key,
            lambda: NotebookLoop(
                instance,
                records=self._records,
                means=self._means,
                servers=self._servers,
                configs=self._configs,
                repositories=self._repositories,
            ),
        )

    def server(self, instance: NotebookInstance) -> NotebookServer | None:
        """Return the server that answers for an instance, or None."""
        loop = self._loops.get(instance.key)
        run = loop.ready_run if loop else None
        return run.server if run else None

    # --- idleness ----------------------------------------------------------------------------

    async def _stop_idle(self) -> None:
        for loop in list(self._loops.values()):
            try:
                await self._stop_if_idle(loop)
            except (OSError, TimeoutError):  # it has just ended, or hangs
                continue
            except Exception:  # what is said in one of them keeps the others from nothing
                _log.exception("whether notebook instance %s is idle", loop.instance.name)

    async def _stop_if_idle(self, loop: NotebookLoop) -> None:
        run, server = loop.run, self.server(loop.instance)
        if self._idle_s is None or run is None or server is None or run.came_up_at is None:
            return
        async with timeout(_ANSWER_S):
            last = await server.last_activity()
        if not is_idle(last, run.came_up_at, self._means.wall_clock.now(), self._idle_s):
            return
        run.say(f"nobody has used this notebook instance for {self._idle_s:g} s: it is stopped")
        now = self._means.clock.now()

        def stopping(instance: NotebookInstance) -> NotebookInstance:
            # Somebody else may have been quicker, or have made another of the name.
            is_it = instance.status == "InService" and instance.volume_id == loop.instance.volume_id
            return states.begun(instance, states.STOP, now) if is_it else instance

        await self._records.change(*loop.instance.key, stopping)
        loop.poke()
