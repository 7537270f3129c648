"""SageMakerRuntimeService: composes sagemaker-runtime."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.metrics import MetricSink
from sagehen.services.sagemaker_runtime.invocation_metrics import InvocationMetrics
from sagehen.services.sagemaker_runtime.invocations import DEFAULT_BODY_LIMIT_BYTES, Invocations
from sagehen.serving.directory import EndpointDirectory


class SageMakerRuntimeService:
    """Implements `sagemaker-runtime`. It holds no state: the directory is the reconciler's.

    Args:
        directory: The same object that SageMakerService got.
        clock, ids: What every service gets; nothing here needs them yet.
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
        self._invocations = Invocations(directory, InvocationMetrics(metrics), body_limit_bytes)

    @property
    def services(self) -> Sequence[Service]:
        return (Service("sagemaker-runtime", (self._invocations,)),)

    async def start(self) -> None:
        """Nothing to recover."""

    async def stop(self) -> None:
        """Nothing runs here."""

    async def reset(self) -> None:
        """Nothing is kept here."""
