"""SageMakerRuntimeService: composes sagemaker-runtime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sagehen.api.operation import Service
from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.deferred import Deferred
from sagehen.services.sagemaker_runtime.invocation_metrics import (
    InvocationMetrics,
    OfComponent,
    OfVariant,
    Subject,
)
from sagehen.services.sagemaker_runtime.invocations import DEFAULT_BODY_LIMIT_BYTES, Invocations
from sagehen.services.sagemaker_runtime.shadows import Shadows
from sagehen.services.sagemaker_runtime.surroundings import Surroundings
from sagehen.serving.directory import EndpointDirectory

# CloudWatch's metrics of endpoints are one a minute (SageMaker Developer Guide, Monitor with CloudWatch).
_IDLE_EVERY_S = 60.0
# ConcurrentRequestsPerCopy is a high-resolution metric: one each ten seconds.
_LOAD_EVERY_S = 10.0


class SageMakerRuntimeService:
    """Implements `sagemaker-runtime`. The directory is written by others.

    Args:
        directory: The same object that SageMakerService got.
        clock: Says when a minute has passed.
        ids: Identifiers, and what is left to chance.
        metrics: Where AWS/SageMaker metrics go.
        body_limit_bytes: The longest body of InvokeEndpoint.
        surroundings: What data capture and asynchronous inference need; None leaves them out.
    """

    def __init__(
        self,
        *,
        directory: EndpointDirectory,
        clock: Clock,
        ids: Ids,
        metrics: MetricSink,
        body_limit_bytes: int = DEFAULT_BODY_LIMIT_BYTES,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._directory = directory
        self._metrics = InvocationMetrics(metrics)
        self._deferred = None
        if surroundings is not None:
            self._deferred = Deferred(surroundings, directory, metrics, clock, ids)
        taps = self._deferred.taps if self._deferred else None
        self._shadows = Shadows(self._metrics, ids)
        self._invocations = Invocations(directory, self._metrics, body_limit_bytes, taps, self._shadows)
        self._zeros = Rounds(
            "sagemaker-idle-metrics", self._record_idle, clock, _IDLE_EVERY_S, tale="recording idle endpoints"
        )
        self._loads = Rounds(
            "sagemaker-component-loads", self._record_load, clock, _LOAD_EVERY_S, tale="recording loads"
        )

    @property
    def services(self) -> Sequence[Service]:
        more = (self._deferred.operations,) if self._deferred else ()
        return (Service("sagemaker-runtime", (self._invocations, *more)),)

    async def start(self) -> None:
        """Begin to record the zeros of endpoints without traffic, to write what is captured, and to serve
        what an earlier life accepted.
        """
        if self._deferred is not None:
            await self._deferred.start()
        self._zeros.start()
        self._loads.start()

    async def stop(self) -> None:
        """End all that; what is captured is written, what is queued stays."""
        await self._zeros.stop()
        await self._loads.stop()
        await self._shadows.stop()
        if self._deferred is not None:
            await self._deferred.stop()

    async def reset(self) -> None:
        """Forget what is under way: what it was for is gone."""
        if self._deferred is not None:
            await self._deferred.reset()

    async def _record_idle(self) -> None:
        self._metrics.idle(self._serving())

    def _serving(self) -> Iterator[tuple[Scope, Subject]]:
        for scope, endpoint in self._directory.served():
            # Documented (Monitor asynchronous endpoint): those have none of these metrics.
            if endpoint.router is None or endpoint.asynchronous is not None or endpoint.hosts_components:
                continue
            if endpoint.status in ("InService", "Updating"):
                for variant in (*endpoint.router.variants, *endpoint.router.shadows):
                    yield scope, OfVariant(endpoint.name, variant)
        for scope, component in self._directory.components():
            if component.status in ("InService", "Updating") and component.replicas.replica_ids:
                yield scope, OfComponent(component.name)

    async def _record_load(self) -> None:
        for scope, component in self._directory.components():
            copies, under_way = len(component.replicas.replica_ids), component.replicas.outstanding
            self._metrics.concurrent(scope, component.name, under_way, copies)
