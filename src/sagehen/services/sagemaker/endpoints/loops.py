"""EndpointLoops: the loops of all endpoints, and the metrics of their instances."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping

from sagehen.domain.background import Rounds
from sagehen.domain.ports.observing.alarm_states import AlarmStates
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.endpoints.folder import EndpointFolder
from sagehen.services.sagemaker.endpoints.host import Host
from sagehen.services.sagemaker.endpoints.instance import EndpointInstance
from sagehen.services.sagemaker.endpoints.loop import EndpointLoop
from sagehen.services.sagemaker.endpoints.records import EndpointRecords
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.left_folders import left_folders, remove_in_a_thread
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.utilization import Sample, values
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.serving.directory import EndpointDirectory
from sagehen.serving.replica_set import ServingLimits
from sagehen.upkeep.loops import Loops

_METRICS_INTERVAL_S = 20.0
_NAMESPACE = "/aws/sagemaker/Endpoints"


class EndpointLoops:
    """Starts a loop for each endpoint on record, and one for each that is made later.

    Attributes:
        on_hosts: Told of an endpoint whose instances for components come, go, or are about to go.
    """

    def __init__(
        self,
        *,
        records: EndpointRecords,
        means: Means,
        model_data: ModelData,
        directory: EndpointDirectory,
        limits: ServingLimits,
        alarms: AlarmStates | None = None,
    ) -> None:
        self._records = records
        self._means = means
        self._model_data = model_data
        self._directory = directory
        self._limits = limits
        self._alarms = alarms
        self._loops = Loops[tuple[Scope, str], EndpointLoop]()
        self._samples: dict[str, Sample] = {}
        self.on_hosts: Callable[[Scope, str], None] = lambda scope, name: None
        means.capacity.on_places_changed(self._places_changed)
        self._recording = Rounds(
            "endpoint-metrics",
            self._record_metrics,
            means.clock,
            _METRICS_INTERVAL_S,
            tale="recording metrics of endpoints",
            at_once=False,
        )

    async def start(self) -> None:
        """Bring back every endpoint on record; what is on disk of others goes."""
        endpoints = self._records.all()
        known = {
            EndpointFolder.of(self._means.folder, endpoint).root.name: {
                record.instance_id for record in self._records.instances(endpoint.scope, endpoint.name)
            }
            for endpoint in endpoints
        }
        remove_in_a_thread(await asyncio.to_thread(left_folders, self._means.folder, known))
        self._loops.open()
        for endpoint in endpoints:
            self.watch(endpoint)
        await asyncio.sleep(0)  # each loop's first step makes its endpoint known, before the door opens
        self._recording.start()

    async def stop(self) -> None:
        """End every instance; records stay."""
        await self._recording.stop()
        await self._loops.close()
        self._directory.clear()
        self._samples.clear()

    async def reset(self) -> None:
        """Forget all; the tables were emptied before."""
        await self.stop()
        await self._model_data.let_go(self._means.folder)
        await self.start()

    def watch(self, endpoint: Endpoint) -> None:
        """Begin to reconcile a new endpoint."""
        loop = EndpointLoop(
            endpoint,
            records=self._records,
            means=self._means,
            model_data=self._model_data,
            directory=self._directory,
            limits=self._limits,
            alarms=self._alarms,
            on_hosts=lambda: self.on_hosts(endpoint.scope, endpoint.name),
        )
        # Not that of an endpoint of the same name whose last instance is just ending.
        self._loops.begin((endpoint.scope, endpoint.name), loop)

    def poke(self, scope: Scope, name: str) -> None:
        """The record of an endpoint changed."""
        if loop := self._loops.get((scope, name)):
            loop.poke()

    def _places_changed(self) -> None:
        """Machines of the cluster take instances, or take none any more: who is there may have to move."""
        for loop in self._loops.values():
            loop.poke()

    def alarm_went_off(self, scope: Scope, name: str) -> None:
        """An alarm went to ALARM; see `ports.AlarmListener`."""
        for (of_scope, _), loop in self._loops.items():
            if of_scope == scope:
                loop.alarm_went_off(name)

    def hosts(self, scope: Scope, name: str) -> dict[str, Host]:
        """Return the instances of an endpoint that host components and have not ended, the oldest first."""
        loop = self._loops.get((scope, name))
        found = loop.instances.items() if loop else ()
        return {key: one for key, one in found if isinstance(one, Host) and one.phase != "ended"}

    def phases(self, endpoint: Endpoint) -> list[tuple[int, str, str]]:
        """Return generation, variant and phase of each instance of an endpoint that has not ended."""
        loop = self._loops.get((endpoint.scope, endpoint.name))
        return [
            (one.record.generation, one.record.variant, one.phase)
            for one in (loop.instances.values() if loop else ())
            if one.phase != "ended"
        ]

    def ready_counts(self, endpoint: Endpoint, generation: int) -> dict[str, int]:
        """Return how many instances of each variant of a deployment are in service."""
        found = self.phases(endpoint)
        return Counter(variant for of, variant, phase in found if of == generation and phase == "ready")

    # --- metrics -----------------------------------------------------------------------------

    async def _record_metrics(self) -> None:
        earlier, self._samples = self._samples, {}
        for loop in list(self._loops.values()):
            loop.record_concurrency()
            for instance in list(loop.instances.values()):
                if instance.phase == "ready" and isinstance(instance, EndpointInstance):
                    with contextlib.suppress(OSError):  # it has just ended
                        await self._record(loop.endpoint, instance, earlier)

    async def _record(
        self, endpoint: Endpoint, instance: EndpointInstance, earlier: Mapping[str, Sample]
    ) -> None:
        usage = await asyncio.to_thread(instance.usage)  # without cgroups it takes milliseconds
        if usage is None:
            return
        sample = Sample(self._means.wall_clock.monotonic(), usage)
        key = instance.record.instance_id
        self._samples[key] = sample
        _, limits = instance_limits.on_this_host(instance.variant.instance_type)
        dimensions = {"EndpointName": endpoint.name, "VariantName": instance.variant.name}
        found = values(sample, earlier.get(key), limits, dimensions)
        if instance.replica is not None and (models := instance.replica.models) is not None:
            found = [*found, MetricValue("LoadedModelCount", models.count, "None", dimensions)]
        self._means.metrics.record(endpoint.scope, _NAMESPACE, found)
