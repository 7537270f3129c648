"""Host: an instance that hosts copies of inference components, and has no process of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import Usage
from sagehen.services.sagemaker.endpoints.endpoint import EndpointVariant
from sagehen.services.sagemaker.endpoints.records import InstanceRecord
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.gpu_types import GpuTypeRefused
from sagehen.services.sagemaker.instances.means import Means
from sagehen.serving.replica import Replica
from sagehen.upkeep.run import Run

_log = logging.getLogger("sagehen.endpoints")

# One that is replaced stays until its copies serve elsewhere, each of which has at most an hour to come up
# (documented: ContainerStartupHealthCheckTimeoutInSeconds); whoever moves them is at fault after this.
_VACATE_S = 2 * 3600.0


class Host(Run[None]):
    """A place for copies: what it has of processors and memory is given to these.

    Attributes:
        failure: Why it ended, in the words of FailureReason; None where it was told to.
        replica: None: nobody answers here but copies.
    """

    def __init__(self, means: Means, variant: EndpointVariant, record: InstanceRecord) -> None:
        super().__init__(f"endpoint host {record.instance_id}", means.clock, 0.0)
        self.record = record
        self.variant = variant
        self.failure: str | None = None
        self.replica: Replica | None = None
        self.took_s: float | None = None
        self.is_leaving = False
        self.on_stop: Callable[[], None] = lambda: None
        self._means = means
        self._vacate_s = _VACATE_S
        self._copies: set[str] = set()
        self._vacant = asyncio.Event()
        self._vacant.set()

    @property
    def copies(self) -> int:
        """How many copies are here, whether they serve or not."""
        return len(self._copies)

    def enter(self, copy_id: str) -> None:
        """A copy is started here."""
        self._copies.add(copy_id)
        self._vacant.clear()

    def leave(self, copy_id: str) -> None:
        """Nothing of a copy runs here any more."""
        self._copies.discard(copy_id)
        if not self._copies:
            self._vacant.set()

    def suspect(self) -> None:
        """Nobody connects to it."""

    def usage(self) -> Usage | None:
        """Copies are measured by themselves."""
        return None

    def stop(self, grace_s: float | None = None, drain_s: float | None = None) -> None:
        """End it once its copies are elsewhere, or after `drain_s`."""
        if self.phase in ("starting", "ready"):
            self._vacate_s = _VACATE_S if drain_s is None else drain_s
            super().stop(grace_s)
            self.on_stop()

    async def _start(self) -> None:
        kind, _ = instance_limits.on_this_host(self.variant.instance_type)
        self._means.surroundings.gpu_types.require(kind)
        await self._means.supply.provide((self.variant.instance_type,), self._means.clock, lambda: None)

    async def _serve(self) -> None:
        self._be_ready()
        await self._stopping.wait()
        try:
            async with timeout(self._vacate_s):
                await self._vacant.wait()
        except TimeoutError:
            _log.info("%s ends with %d copies", self._name, len(self._copies))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, GpuTypeRefused):
            _log.error("host %s", self.record.instance_id, exc_info=error)
        self.failure = str(error)

    async def _clear(self) -> None:
        """Copies are ended by whoever started them."""
