"""EndpointsReconciler: the loops of all endpoints, and the metrics of their instances."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from sagehen.domain.ids import Ids
from sagehen.domain.ports.metrics import MetricSink, MetricValue
from sagehen.domain.scope import Scope
from sagehen.executors.base import Usage
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.endpoints.folder import EndpointFolder
from sagehen.services.sagemaker.endpoints.instance import EndpointInstance, Hosting
from sagehen.services.sagemaker.endpoints.loop import EndpointLoop
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.left_folders import left_folders, remove_in_a_thread
from sagehen.serving.directory import EndpointDirectory
from sagehen.serving.replica_set import ServingLimits

_METRICS_INTERVAL_S = 20.0
_NAMESPACE = "/aws/sagemaker/Endpoints"


class EndpointsReconciler:
    """Starts a loop for each endpoint on record, and one for each that is made later."""

    def __init__(
        self,
        *,
        records: EndpointRecords,
        hosting: Hosting,
        ids: Ids,
        directory: EndpointDirectory,
        metrics: MetricSink,
        limits: ServingLimits,
    ) -> None:
        self._records = records
        self._hosting = hosting
        self._ids = ids
        self._directory = directory
        self._metrics = metrics
        self._limits = limits
        self._loops: dict[tuple[Scope, str], EndpointLoop] = {}
        self._usages: dict[str, tuple[float, Usage]] = {}
        self._metrics_task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bring back every endpoint on record; what is on disk of others goes."""
        endpoints = self._records.all()
        known = {
            EndpointFolder.of(self._hosting.folder, endpoint).root.name: {
                record.instance_id for record in self._records.instances(endpoint.scope, endpoint.name)
            }
            for endpoint in endpoints
        }
        remove_in_a_thread(await asyncio.to_thread(left_folders, self._hosting.folder, known))
        for endpoint in endpoints:
            self.watch(endpoint)
        await asyncio.sleep(0)  # each loop's first step makes its endpoint known, before the door opens
        self._metrics_task = asyncio.create_task(self._record_metrics(), name="endpoint-metrics")

    async def stop(self) -> None:
        """End every instance; records stay."""
        if self._metrics_task is not None:
            self._metrics_task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._metrics_task
            self._metrics_task = None
        loops, self._loops = list(self._loops.values()), {}
        await asyncio.gather(*(loop.close() for loop in loops))
        self._directory.clear()
        self._usages.clear()

    def watch(self, endpoint: Endpoint) -> None:
        """Begin to reconcile a new endpoint."""
        key = (endpoint.scope, endpoint.name)
        self._loops[key] = EndpointLoop(
            endpoint,
            records=self._records,
            hosting=self._hosting,
            ids=self._ids,
            directory=self._directory,
            limits=self._limits,
            on_gone=self._gone,
        )

    def poke(self, scope: Scope, name: str) -> None:
        """The record of an endpoint changed."""
        if loop := self._loops.get((scope, name)):
            loop.poke()

    def ready_counts(self, endpoint: Endpoint, generation: int) -> dict[str, int]:
        """Return how many instances of each variant of a deployment are in service."""
        loop = self._loops.get((endpoint.scope, endpoint.name))
        counts: dict[str, int] = {}
        for instance in loop.instances.values() if loop else ():
            if instance.phase == "ready" and instance.record.generation == generation:
                counts[instance.record.variant] = counts.get(instance.record.variant, 0) + 1
        return counts

    def _gone(self, loop: EndpointLoop) -> None:
        key = (loop.endpoint.scope, loop.endpoint.name)
        if self._loops.get(key) is loop:
            del self._loops[key]

    # --- metrics -----------------------------------------------------------------------------

    async def _record_metrics(self) -> None:
        while True:
            await self._hosting.clock.sleep(_METRICS_INTERVAL_S)
            earlier, self._usages = self._usages, {}
            for loop in list(self._loops.values()):
                for instance in list(loop.instances.values()):
                    if instance.phase == "ready":
                        with contextlib.suppress(OSError):  # it has just ended
                            await self._record(loop.endpoint, instance, earlier)

    async def _record(
        self, endpoint: Endpoint, instance: EndpointInstance, earlier: Mapping[str, tuple[float, Usage]]
    ) -> None:
        """Record CPUUtilization (100 per busy core) and MemoryUtilization (percent of the limit)."""
        if instance.sandbox is None:
            return
        usage = await asyncio.to_thread(instance.sandbox.usage)  # without cgroups it takes milliseconds
        now = self._hosting.clock.monotonic()
        before = earlier.get(instance.record.instance_id)
        self._usages[instance.record.instance_id] = (now, usage)
        _, limits = instance_limits.on_this_host(instance.variant.instance_type)
        dimensions = {"EndpointName": endpoint.name, "VariantName": instance.variant.name}
        memory = 100 * usage.memory_bytes / (limits.memory_mib * 2**20)
        values = [MetricValue("MemoryUtilization", memory, "Percent", dimensions)]
        if before is not None and now > before[0]:
            cpu = 100 * (usage.cpu_s - before[1].cpu_s) / (now - before[0])
            values.append(MetricValue("CPUUtilization", max(0.0, cpu), "Percent", dimensions))
        self._metrics.record(endpoint.scope, _NAMESPACE, values)
