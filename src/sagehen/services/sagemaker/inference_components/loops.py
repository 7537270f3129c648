"""ComponentLoops: the loops of all endpoints with components, and the metrics of their copies."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

from sagehen.domain.background import Rounds
from sagehen.domain.ports.observing.metrics import MetricValue
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.folder import EndpointFolder
from sagehen.services.sagemaker.inference_components.component import InferenceComponent
from sagehen.services.sagemaker.inference_components.copy import Copy
from sagehen.services.sagemaker.inference_components.loop import ComponentLoop
from sagehen.services.sagemaker.inference_components.tools import Tools
from sagehen.services.sagemaker.inference_components.usage import normalized
from sagehen.services.sagemaker.instances.left_folders import left_folders, remove_in_a_thread
from sagehen.services.sagemaker.instances.utilization import Sample
from sagehen.upkeep.loops import Loops

_METRICS_INTERVAL_S = 20.0
# Documented: SageMaker Developer Guide, Monitor with CloudWatch, inference component metrics.
_NAMESPACE = "/aws/sagemaker/InferenceComponents"


class ComponentLoops:
    """Starts a loop for each endpoint with components on record, or with instances for some."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._loops = Loops[tuple[Scope, str], ComponentLoop]()
        self._samples: dict[str, Sample] = {}
        tools.endpoint_loops.on_hosts = self.poke
        self._recording = Rounds(
            "inference-component-metrics",
            self._record_metrics,
            tools.means.clock,
            _METRICS_INTERVAL_S,
            tale="recording metrics of inference components",
            at_once=False,
        )

    async def start(self) -> None:
        """Bring back every copy on record, on instances that `EndpointLoops.start` has brought back; what is
        on disk of others goes.
        """
        components, records = self._tools.records.all(), self._tools.records.all_copies()
        copies = [record.instance_id for record in records]
        folder = self._tools.means.folder
        known = {EndpointFolder.of(folder, component).root.name: copies for component in components}
        remove_in_a_thread(await asyncio.to_thread(left_folders, folder, known))
        self._loops.open()
        hosts = (e for e in self._tools.endpoints.all() if any(d.hosts_components for d in e.deployments))
        keys = [(component.scope, component.endpoint) for component in components]
        for scope, endpoint in dict.fromkeys((*keys, *((host.scope, host.name) for host in hosts))):
            self.poke(scope, endpoint)
        await asyncio.sleep(0)  # each loop's first step makes its components known, before the door opens
        self._recording.start()

    async def stop(self) -> None:
        """End every copy; records stay."""
        await self._recording.stop()
        await self._loops.close()
        self._samples.clear()

    def poke(self, scope: Scope, endpoint: str) -> None:
        """The record of a component changed, or what hosts components: look now."""
        self._loops.watch((scope, endpoint), lambda: ComponentLoop(scope, endpoint, self._tools))

    def alarm_went_off(self, scope: Scope, name: str) -> None:
        """An alarm went to ALARM; see `ports.AlarmListener`."""
        for (of_scope, _), loop in self._loops.items():
            if of_scope == scope:
                loop.alarm_went_off(name)

    def ready(self, component: InferenceComponent) -> int:
        """Return how many copies of a component serve."""
        loop = self._loops.get((component.scope, component.endpoint))
        return loop.copies.ready(component.name) if loop else 0

    # --- metrics -----------------------------------------------------------------------------

    async def _record_metrics(self) -> None:
        earlier, self._samples = self._samples, {}
        for (scope, _), loop in list(self._loops.items()):
            for copy in list(loop.copies.running.values()):
                if copy.phase == "ready":
                    with contextlib.suppress(OSError):  # it has just ended
                        await self._record(scope, copy, earlier)

    async def _record(self, scope: Scope, copy: Copy, earlier: Mapping[str, Sample]) -> None:
        usage = await asyncio.to_thread(copy.usage)  # without cgroups it takes milliseconds
        if usage is None:
            return
        sample = Sample(self._tools.means.wall_clock.monotonic(), usage)
        key = copy.record.instance_id
        self._samples[key] = sample
        dimensions = {"InferenceComponentName": copy.component}
        found = normalized(sample, earlier.get(key), copy.revision.needs, copy.variant.instance_type)
        values = [MetricValue(name, value, "Percent", dimensions) for name, value in found.items()]
        self._tools.means.metrics.record(scope, _NAMESPACE, values)
