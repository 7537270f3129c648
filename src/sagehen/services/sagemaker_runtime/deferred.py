"""Deferred: what the runtime does behind its answers: captured data is written, queued requests are asked."""

from __future__ import annotations

import asyncio

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.kept_sessions import KeptSessions
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.services.sagemaker_runtime.asynchronous.metrics import AsyncMetrics
from sagehen.services.sagemaker_runtime.asynchronous.operations import AsyncInvocations
from sagehen.services.sagemaker_runtime.asynchronous.queue import AsyncQueue
from sagehen.services.sagemaker_runtime.asynchronous.records import AsyncRecords
from sagehen.services.sagemaker_runtime.capture.recorder import DataCapture
from sagehen.services.sagemaker_runtime.capture.tap import Taps
from sagehen.services.sagemaker_runtime.surroundings import Surroundings
from sagehen.serving.directory import EndpointDirectory

# As the control plane has them (services/sagemaker/roles): the service that execution roles trust, and the
# name of its sessions.
_SERVICE, _SESSION_NAME = "sagemaker.amazonaws.com", "SageMaker"


class Deferred:
    """Puts its parts together, starts and stops them.

    Attributes:
        taps: Says what is captured.
        operations: InvokeEndpointAsync.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        directory: EndpointDirectory,
        metrics: MetricSink,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._roles = KeptSessions(surroundings.roles, clock, _SERVICE, _SESSION_NAME)
        self._capture = DataCapture(
            folder=surroundings.folder / "data-capture",
            objects=surroundings.objects,
            roles=self._roles,
            logs=surroundings.logs,
            clock=clock,
            ids=ids,
        )
        self._queue = AsyncQueue(
            records=AsyncRecords(surroundings.database),
            directory=directory,
            surroundings=surroundings,
            roles=self._roles,
            metrics=AsyncMetrics(metrics),
            clock=clock,
            ids=ids,
        )
        self.taps = Taps(self._capture, clock)
        self.operations = AsyncInvocations(directory, self._queue, ids)

    async def start(self) -> None:
        """Begin."""
        await asyncio.to_thread(self._capture.empty)
        self._capture.start()
        await self._queue.start()

    async def stop(self) -> None:
        """End: what is captured is written, what is queued stays."""
        await self._queue.stop()
        await self._capture.stop()

    async def reset(self) -> None:
        """Forget what memory holds: tables and buckets are empty."""
        self._capture.forget()
        await self._queue.stop()
        self._roles.clear()
        await self._queue.start()
