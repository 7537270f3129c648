"""SageMakerRuntimeService: composes sagemaker-runtime."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.metrics import MetricSink
from sagehen.services.sagemaker_runtime.capture.recorder import DataCapture
from sagehen.services.sagemaker_runtime.capture.tap import Taps
from sagehen.services.sagemaker_runtime.execution_role import RoleSessions
from sagehen.services.sagemaker_runtime.invocation_metrics import InvocationMetrics
from sagehen.services.sagemaker_runtime.invocations import DEFAULT_BODY_LIMIT_BYTES, Invocations
from sagehen.services.sagemaker_runtime.surroundings import Surroundings
from sagehen.serving.directory import EndpointDirectory

# CloudWatch's metrics of endpoints are one a minute (SageMaker Developer Guide, Monitor with CloudWatch).
_IDLE_EVERY_S = 60.0


class SageMakerRuntimeService:
    """Implements `sagemaker-runtime`. The directory is written by others.

    Args:
        directory: The same object that SageMakerService got.
        clock: Says when a minute has passed.
        ids: What every service gets; nothing here needs them yet.
        metrics: Where AWS/SageMaker metrics go.
        body_limit_bytes: The longest body of InvokeEndpoint.
        surroundings: What data capture needs; None leaves it out.
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
        self._roles = RoleSessions(surroundings.roles, clock) if surroundings else None
        self._capture = None
        if surroundings is not None and self._roles is not None:
            self._capture = DataCapture(
                folder=surroundings.folder / "data-capture",
                objects=surroundings.objects,
                roles=self._roles,
                logs=surroundings.logs,
                clock=clock,
                ids=ids,
            )
        taps = Taps(self._capture, clock) if self._capture is not None else None
        self._invocations = Invocations(directory, self._metrics, body_limit_bytes, taps)
        self._zeros = Rounds(
            "sagemaker-idle-metrics", self._record_idle, clock, _IDLE_EVERY_S, tale="recording idle endpoints"
        )

    @property
    def services(self) -> Sequence[Service]:
        return (Service("sagemaker-runtime", (self._invocations,)),)

    async def start(self) -> None:
        """Begin to record the zeros of endpoints without traffic, and to write what is captured."""
        if self._capture is not None:
            await asyncio.to_thread(self._capture.empty)
            self._capture.start()
        self._zeros.start()

    async def stop(self) -> None:
        """End recording them; what is captured is written."""
        await self._zeros.stop()
        if self._capture is not None:
            await self._capture.stop()

    async def reset(self) -> None:
        """Forget what is not written yet: the buckets that it was for are gone."""
        if self._capture is not None and self._roles is not None:
            self._capture.forget()
            self._roles.clear()

    async def _record_idle(self) -> None:
        self._metrics.idle(
            (scope, endpoint.name, variant)
            for scope, endpoint in self._directory.served()
            if endpoint.router is not None and endpoint.status in ("InService", "Updating")
            for variant in endpoint.router.variants
        )
