"""EndpointInstance: the life of one instance, from its model's download to its last log line."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import epoch_ms
from sagehen.domain.ports.compute.places import Demand
from sagehen.executors.base import ExitStatus, Sandbox, SandboxUnavailable, Usage
from sagehen.executors.environments.build import BuildFailed
from sagehen.executors.environments.uv import UvMissing
from sagehen.services.sagemaker.endpoints.box import Box
from sagehen.services.sagemaker.endpoints.endpoint import EndpointVariant
from sagehen.services.sagemaker.endpoints.failure import reason_of
from sagehen.services.sagemaker.endpoints.owner import Owner
from sagehen.services.sagemaker.endpoints.records import InstanceRecord
from sagehen.services.sagemaker.images.imports import ImportsMissing
from sagehen.services.sagemaker.instances import capacity
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.capacity import (
    HOSTING_REASON,
    InsufficientCapacity,
    Lease,
)
from sagehen.services.sagemaker.instances.gpu_types import GpuTypeRefused
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.placing import OWN, needs_together
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.services.sagemaker.models.wanted import ModelDataUnavailable
from sagehen.services.sagemaker.roles import sessions
from sagehen.serving.health import (
    STARTUP_PING_INTERVAL_OF_IMAGES_S,
    STARTUP_PING_INTERVAL_S,
    Health,
    ping,
)
from sagehen.serving.pipeline import Pipeline
from sagehen.serving.replica import Replica
from sagehen.upkeep.run import Run

_log = logging.getLogger("sagehen.endpoints")

# Documented: SageMaker Developer Guide, Custom inference code with hosting services: SIGTERM, and SIGKILL
# after this.
STOP_GRACE_S = 30.0
# Requests in flight may take a minute (documented: InvokeEndpoint); a replaced instance answers them before
# it goes.
DRAIN_S = 65.0
# Of an asynchronous endpoint an hour, the longest InvocationTimeoutSeconds: an update begins nothing twice.
ASYNC_DRAIN_S = 3605.0


class EndpointInstance(Run[Sandbox]):
    """Runs one instance and tells its endpoint of every change.

    Attributes:
        failure: Why it ended, in the words of FailureReason; None where it was told to.
        replica: Its data-plane side, once its process was started.
        took_s: What went by until it was ready.
    """

    def __init__(
        self,
        means: Means,
        model_data: ModelData,
        owner: Owner,
        variant: EndpointVariant,
        record: InstanceRecord,
        restarted: bool,
    ) -> None:
        super().__init__(f"endpoint instance {record.instance_id}", means.clock, STOP_GRACE_S)
        self.record = record
        self.variant = variant
        self.failure: str | None = None
        self.replica: Replica | None = None
        self._began_at = means.wall_clock.monotonic()
        self.took_s: float | None = None
        self._means = means
        self._owner = owner
        self._restarted = restarted
        self._lease: Lease | None = None
        self._blamed = ""
        self._suspected = asyncio.Event()
        self._drain_s = DRAIN_S
        self._boxes = [
            Box(means, model_data, owner, one, record, number, partial(self._write, container=one.hostname))
            for number, one in enumerate(variant.each())
        ]

    @property
    def is_leaving(self) -> bool:
        """Whether its machine is being drained, and another one takes instances."""
        return self._lease is not None and self._means.capacity.is_leaving(self._lease)

    # --- told from outside -------------------------------------------------------------------

    def suspect(self) -> None:
        """Ask for its health at once: a connection to it broke."""
        self._suspected.set()

    def stop(self, grace_s: float | None = None, drain_s: float | None = None) -> None:
        """Begin to end it: what is in flight is answered, then it gets SIGTERM."""
        if self.phase in ("starting", "ready"):
            longest = ASYNC_DRAIN_S if self.variant.concurrency else DRAIN_S
            self._drain_s = longest if drain_s is None else drain_s
            super().stop(grace_s)

    # --- its life ----------------------------------------------------------------------------

    def _failed(self, error: Exception) -> None:
        match error:
            case InsufficientCapacity():
                self._say(HOSTING_REASON)
                self.failure = HOSTING_REASON
            case (
                ModelDataUnavailable()
                | SandboxUnavailable()
                | AccessDenied()
                | ServiceError()  # of the registry: the image is not there, or cannot be run here
                | GpuTypeRefused()
                | ImportsMissing()
                | BuildFailed()
                | UvMissing()
            ):
                self._say(str(error))
                self.failure = str(error)
            case _:
                _log.error("instance %s", self.record.instance_id, exc_info=error)
                self.failure = f"Request to service failed. {type(error).__name__}"

    async def _clear(self) -> None:
        await asyncio.gather(*(box.clear() for box in self._boxes))
        if self._lease is not None:
            self._means.capacity.give_back(self._lease)
        if self.replica is not None:
            self.replica.close()

    async def _start(self) -> None:
        means, variant = self._means, self.variant
        if self._restarted:
            self._write("sagehen: the platform was restarted; the instance is started again")
        kind, _ = instance_limits.on_this_host(variant.instance_type)
        if note := means.surroundings.gpu_types.note(kind):
            self._write(f"sagehen: {note}")
        means.surroundings.gpu_types.require(kind)
        if self._takes_supply:
            await means.supply.provide((variant.instance_type,), means.clock, self._say_refused)
        session = await sessions.assume(means.roles, variant.role_arn)
        for box in self._boxes:
            await box.prepare(session)
        self._lease = await self._capacity()
        node = self._lease.nodes[0] if self._lease.nodes else None
        if self._lease.nodes:
            self._say(f"it runs on {node or OWN}")
        for box in self._boxes:
            await box.start(session, node)
        replicas = {box.variant.hostname: box.replica for box in self._boxes if box.replica is not None}
        (first, *others) = replicas.values()
        self.replica = first
        if others:
            self.replica = Pipeline(self.record.instance_id, replicas, serial=not variant.is_direct)

    @property
    def _takes_supply(self) -> bool:
        """Whether it is an instance of a type of which there may be none to be had."""
        return self.variant.serverless is None

    def _say_refused(self) -> None:
        self._say(f"no {self.variant.instance_type} can be had (`sagehen capacity`); asking again")

    def _say(self, line: str) -> None:
        self._write(f"sagehen: {line}")

    async def _capacity(self) -> Lease:
        around = self._means.surroundings
        kind, limits = instance_limits.on_this_host(self.variant.instance_type, around.cpus_per_instance)
        need_mib = sum(capacity.need_mib(limits, box.model_bytes) for box in self._boxes)
        gpus = around.gpu_types.share(kind) * len(self._boxes)  # each is lent to one container
        demand = Demand("serving", limits.cpus, need_mib, gpus)
        needs = needs_together([box.needs for box in self._boxes])
        group = f"{self._owner.arn} {self.variant.name}"
        return await self._means.capacity.take_place(self.record.instance_id, group, need_mib, demand, needs)

    def usage(self) -> Usage | None:
        """Return what its containers use; None before they run. Blocking for milliseconds."""
        found = [box.sandbox.usage() for box in self._boxes if box.sandbox is not None]
        if len(found) < 2:
            return found[0] if found else None
        return Usage(
            sum(one.cpu_s for one in found),
            sum(one.memory_bytes for one in found),
            sum(one.peak_bytes for one in found),
            sum(one.anonymous_bytes for one in found),
        )

    async def _serve(self) -> None:
        sandboxes = [box.sandbox for box in self._boxes if box.sandbox is not None]
        ends = [asyncio.create_task(sandbox.wait()) for sandbox in sandboxes]
        exited = asyncio.create_task(self._first_of(ends))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await self._watch(exited, stopping)
        finally:
            stopping.cancel()
        if self.phase == "stopping" and not exited.done():
            if self.replica is not None:
                await self.replica.drain(self._drain_s)
            await asyncio.gather(*(sandbox.stop(self._grace_s) for sandbox in sandboxes))

    async def _first_of(self, ends: list[asyncio.Task[ExitStatus]]) -> ExitStatus:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        number = next(number for number, end in enumerate(ends) if end.done())
        self._blamed = self._boxes[number].variant.hostname
        return ends[number].result()

    async def _passes(self) -> bool:
        replicas = [box.replica for box in self._boxes if box.replica is not None]
        passed = await asyncio.gather(*(ping(replica) for replica in replicas))
        if not all(passed):
            self._blamed = self._boxes[passed.index(False)].variant.hostname
        return all(passed)

    async def _watch(self, exited: asyncio.Task[ExitStatus], stopping: asyncio.Task[bool]) -> None:
        """Return when the process ended, is dead to pings, or is told to stop."""
        wall_clock = self._means.wall_clock
        own = any(box.is_own_image for box in self._boxes)
        each_s = STARTUP_PING_INTERVAL_OF_IMAGES_S if own else STARTUP_PING_INTERVAL_S
        health = Health(wall_clock.monotonic(), self.variant.startup_timeout_s, startup_interval_s=each_s)
        while True:
            passed = await self._passes()
            if exited.done() or stopping.done():
                break
            health = health.after_ping(passed, wall_clock.monotonic())
            if health.state == "dead":
                break
            if health.state == "healthy" and self.ready_at is None:
                self.took_s = wall_clock.monotonic() - self._began_at
                self._be_ready()
            await self._pause(exited, stopping, health.next_ping_s)
            if exited.done() or stopping.done():
                break
        if not stopping.done():
            self.failure = self._reason(exited)
            self._write(f"sagehen: {self.failure}")

    async def _pause(
        self, exited: asyncio.Task[ExitStatus], stopping: asyncio.Task[bool], seconds: float
    ) -> None:
        suspected = asyncio.create_task(self._suspected.wait())
        await asyncio.wait(
            (exited, stopping, suspected), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        suspected.cancel()
        self._suspected.clear()

    def _reason(self, exited: asyncio.Task[ExitStatus]) -> str:
        status = exited.result() if exited.done() else None
        if status is not None and status.is_lost:
            self._say("the machine that it ran on is lost")
        return reason_of(self.variant.name, self.ready_at is not None, status, self._blamed)

    # --- its log -----------------------------------------------------------------------------

    @property
    def _stream(self) -> str:
        return f"{self.variant.name}/{self.record.instance_id}"

    def _write(self, line: str, container: str = "") -> None:
        now_ms = epoch_ms(self._means.clock.now())
        name = self._stream
        if container:  # documented: Use logs and metrics to monitor an inference pipeline
            name = f"{name}/{container}"
        self._means.logs.write(self._owner.scope, self._owner.log_group, name, [(now_ms, line)])
