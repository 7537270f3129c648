"""Copies: those of one endpoint's components that run: started, shown to requests, drained, forgotten."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.folder import EndpointFolder
from sagehen.services.sagemaker.inference_components.component import InferenceComponent
from sagehen.services.sagemaker.inference_components.copy import Copy
from sagehen.services.sagemaker.inference_components.records import CopyRecord
from sagehen.services.sagemaker.inference_components.tools import Tools
from sagehen.services.sagemaker.inference_components.traffic import ComponentTraffic
from sagehen.serving.replica_set import ReplicaSet
from sagehen.upkeep.keeping import Failures

_log = logging.getLogger("sagehen.endpoints")

# Who deletes a component does not wait a minute for its callers; as for endpoints.
_DELETE_DRAIN_S = 2.0
_DELETE_GRACE_S = 5.0


class Copies:
    """See the module's text.

    Args:
        on_change: Told when a copy became ready or ended.

    Attributes:
        running: By their ids, in the order of their starts.
        failures: (component, revision) -> ends in a row that nobody asked for.
        is_recovered: Whether what an earlier life ran was taken up.
    """

    def __init__(self, scope: Scope, endpoint: str, tools: Tools, on_change: Callable[[], None]) -> None:
        self.running: dict[str, Copy] = {}
        self.failures: dict[tuple[str, int], Failures] = {}
        self.is_recovered = False
        self.traffic = ComponentTraffic(
            scope,
            directory=tools.directory,
            clock=tools.means.wall_clock,
            ids=tools.means.ids,
            limits=tools.limits,
            on_suspect=self._suspect,
        )
        self._scope = scope
        self._endpoint = endpoint
        self._tools = tools
        self._on_change = on_change
        self._leaving = False
        self._forgetting: set[asyncio.Task[None]] = set()

    async def recover(self, components: Sequence[InferenceComponent]) -> None:
        """Start again what an earlier life of the platform ran."""
        known = {component.name: component for component in components}
        left: list[CopyRecord] = []
        for record in self._tools.records.copies(self._scope, self._endpoint):
            component = known.get(record.component)
            wanted = component is not None and component.status not in ("Deleting", "Failed")
            if component is not None and wanted and self._launch(component, record, restarted=True):
                self.traffic.replicas(component.name, component.variant).expect(record.instance_id)
            else:
                left.append(record)
        # Before anything is waited for: who says InService is found.
        self.traffic.publish(list(components), self._tools.endpoints.get(self._scope, self._endpoint))
        for record in left:
            await self._tools.records.remove_copy(record.instance_id)
        self.is_recovered = True

    async def start(self, component: InferenceComponent, number: int, host: str) -> None:
        """Start a copy of a revision on an instance."""
        means = self._tools.means
        record = CopyRecord(f"c-{means.ids.hex(17)}", number, component.variant, component.name, host)
        # The intention is on record before the process exists: a kill -9 in between loses nothing.
        await self._tools.records.add_copy(self._scope, self._endpoint, record, means.clock.now())
        if not self._launch(component, record, restarted=False):
            await self._tools.records.remove_copy(record.instance_id)

    def _launch(self, component: InferenceComponent, record: CopyRecord, restarted: bool) -> bool:
        """Return False where its instance, or its revision, has gone meanwhile."""
        host = self._tools.endpoint_loops.hosts(self._scope, self._endpoint).get(record.host)
        revision = component.revision(record.generation)
        if host is None or revision is None:
            return False
        tools, host_type = self._tools, host.variant.instance_type
        copy = Copy(tools.means, tools.model_data, component, revision, record, host_type, restarted)
        self.running[record.instance_id] = copy
        host.enter(record.instance_id)
        copy.begin(self._changed)
        return True

    def stop(self, copy: Copy, *, at_once: bool = False) -> None:
        """Take it out of the rotation and end it once it has answered."""
        self._replicas(copy).remove(copy.record.instance_id)
        if at_once:
            copy.stop(_DELETE_GRACE_S, _DELETE_DRAIN_S)
        else:
            copy.stop()

    async def leave(self) -> None:
        """The platform is leaving: end what runs; records stay."""
        self._leaving = True
        for copy in self.running.values():
            copy.stop(grace_s=2.0, drain_s=0.0)
        await asyncio.gather(*(copy.ended() for copy in list(self.running.values())))
        await asyncio.gather(*self._forgetting, return_exceptions=True)
        self.traffic.close()

    def forgive(self, component: str) -> None:
        """What failed of a component is over and done with."""
        self.failures = {key: value for key, value in self.failures.items() if key[0] != component}

    def ready(self, component: str) -> int:
        """Return how many copies of a component serve."""
        return sum(one.component == component and one.phase == "ready" for one in self.running.values())

    # --- told by copies ----------------------------------------------------------------------

    def _replicas(self, copy: Copy) -> ReplicaSet:
        return self.traffic.replicas(copy.component, copy.variant.name)

    def _changed(self, copy: Copy) -> None:
        """Told by a copy that it became ready or ended."""
        if copy.phase == "ready" and copy.replica is not None:
            self._replicas(copy).add(copy.replica)
        elif copy.phase == "ended":
            self._replicas(copy).remove(copy.record.instance_id)
            self._note_failure(copy)
            if not self._leaving:
                del self.running[copy.record.instance_id]
                forgetting = asyncio.create_task(self._forget(copy))
                self._forgetting.add(forgetting)
                forgetting.add_done_callback(self._forgotten)
            hosts = self._tools.endpoint_loops.hosts(self._scope, self._endpoint)
            if (host := hosts.get(copy.place)) is not None:
                host.leave(copy.record.instance_id)
        self._on_change()

    def _note_failure(self, copy: Copy) -> None:
        if copy.failure is None:
            return
        now = self._tools.means.clock.monotonic()
        served_s = None if copy.ready_at is None else now - copy.ready_at
        key = copy.component, copy.record.generation
        self.failures[key] = Failures.after(self.failures.get(key), served_s, now, copy.failure)

    async def _forget(self, copy: Copy) -> None:
        await self._tools.records.remove_copy(copy.record.instance_id)
        of_component = EndpointFolder.of(self._tools.means.folder, copy.owner)
        folder = of_component.instance(copy.record.instance_id)
        await self._tools.model_data.remove(folder.root)

    def _forgotten(self, forgetting: asyncio.Task[None]) -> None:
        self._forgetting.discard(forgetting)
        if not forgetting.cancelled() and (error := forgetting.exception()) is not None:
            _log.error("what a copy on %s left stays", self._endpoint, exc_info=error)
        self._on_change()

    def _suspect(self, copy_id: str) -> None:
        if copy := self.running.get(copy_id):
            copy.suspect()
