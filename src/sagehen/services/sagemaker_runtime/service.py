"""SageMakerRuntimeService: composes sagemaker-runtime."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.metrics import MetricSink
from sagehen.services.sagemaker_runtime.invocation_metrics import InvocationMetrics
from sagehen.services.sagemaker_runtime.invocations import DEFAULT_BODY_LIMIT_BYTES, Invocations
from sagehen.serving.directory import EndpointDirectory

# CloudWatch's metrics of endpoints are one a minute (SageMaker Developer Guide, Monitor with CloudWatch).
_IDLE_EVERY_S = 60.0


class SageMakerRuntimeService:
    """Implements `sagemaker-runtime`. It holds no state: the directory is written by others.

    Args:
        directory: The same object that SageMakerService got.
        clock: Says when a minute has passed.
        ids: What every service gets; nothing here needs them yet.
        metrics: Where AWS/SageMaker metrics go.
        body_limit_bytes: The longest body of InvokeEndpoint.
    """

    def __init__(
        self,
        *,
        directory: EndpointDirectory,
        clock: Clock,
        ids: Ids,
        metrics: MetricSink,
        body_limit_bytes: int = DEFAULT_BODY_LIMIT_BYTES,
    ) -> None:
        self._directory = directory
        self._metrics = InvocationMetrics(metrics)
        self._invocations = Invocations(directory, self._metrics, body_limit_bytes)
        self._zeros = Rounds(
            "sagemaker-idle-metrics", self._record_idle, clock, _IDLE_EVERY_S, tale="recording idle endpoints"
        )

    @property
    def services(self) -> Sequence[Service]:
        return (Service("sagemaker-runtime", (self._invocations,)),)

    async def start(self) -> None:
        """Begin to record the zeros of endpoints without traffic."""
        self._zeros.start()

    async def stop(self) -> None:
        """End recording them."""
        await self._zeros.stop()

    async def reset(self) -> None:
        """Nothing is kept here."""

    async def _record_idle(self) -> None:
        self._metrics.idle(
            (scope, endpoint.name, variant)
            for scope, endpoint in self._directory.served()
            if endpoint.router is not None and endpoint.status in ("InService", "Updating")
            for variant in endpoint.router.variants
        )
