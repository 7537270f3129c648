"""EndpointInstance: the life of one instance, from its model's download to its last log line."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import epoch_ms
from sagehen.domain.identity import Principal
from sagehen.domain.ports.container_images import ContainerImage
from sagehen.domain.ports.metrics import MetricValue
from sagehen.domain.ports.places import Demand
from sagehen.executors.base import ExitStatus, Sandbox, SandboxUnavailable
from sagehen.executors.environments.build import BuildFailed
from sagehen.executors.environments.uv import UvMissing
from sagehen.services.sagemaker.archives.tree_walk import size_of
from sagehen.services.sagemaker.endpoints.endpoint import Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.failure import reason_of
from sagehen.services.sagemaker.endpoints.folder import EndpointFolder
from sagehen.services.sagemaker.endpoints.model_store import ModelStore
from sagehen.services.sagemaker.endpoints.records import InstanceRecord
from sagehen.services.sagemaker.hosting import source
from sagehen.services.sagemaker.hosting.container import address_of, spec_of
from sagehen.services.sagemaker.hosting.environment import require_imports
from sagehen.services.sagemaker.hosting.folder import InstanceFolder
from sagehen.services.sagemaker.images.imports import ImportsMissing
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances import capacity, model_cache
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.capacity import (
    HOSTING_REASON,
    InsufficientCapacity,
    Lease,
)
from sagehen.services.sagemaker.instances.gpu_types import GpuTypeRefused
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.placing import OWN, placed
from sagehen.services.sagemaker.models.data import ModelData, ModelDataUnavailable, WantedModel
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.roles.credentials import RoleCredentials
from sagehen.serving.connection import ReplicaResponse
from sagehen.serving.health import (
    STARTUP_PING_INTERVAL_OF_IMAGES_S,
    STARTUP_PING_INTERVAL_S,
    Health,
    ping,
)
from sagehen.serving.multimodel.models import ReplicaModels
from sagehen.serving.replica import Replica
from sagehen.upkeep.run import Run

_log = logging.getLogger("sagehen.endpoints")

# Documented: SageMaker Developer Guide, Custom inference code with hosting services: SIGTERM, and SIGKILL
# after this.
STOP_GRACE_S = 30.0
# Requests in flight may take a minute (documented: InvokeEndpoint); a replaced instance answers them before
# it goes.
DRAIN_S = 65.0
# What a container answers to a load or an unload: a message.
_CONTROL_BYTES = 1024 * 1024
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
        endpoint: Endpoint,
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
        self.sandbox: Sandbox | None = None
        self._means = means
        self._model_data = model_data
        self._endpoint = endpoint
        self._restarted = restarted
        self._container: ContainerImage | None = None
        self._lease: Lease | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._suspected = asyncio.Event()
        self._drain_s = DRAIN_S
        self._folder = EndpointFolder.of(means.folder, endpoint)

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
        if self._renewing is not None:
            self._renewing.cancel()
        if self.sandbox is not None:
            await self.sandbox.kill()
        if self._lease is not None:
            self._means.capacity.give_back(self._lease)
        if self._container is not None:
            self._container.release()
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
        if variant.serverless is None:
            await means.supply.provide((variant.instance_type,), means.clock, self._say_refused)
        image = means.images.resolve(variant.resolved_image or variant.image, "inference")
        if means.images.wants_building(image):
            image = await means.images.built(image, self._say)
        self._write(f"sagehen: {image.describe()}")
        folder = self._folder.instance(self.record.instance_id)
        await asyncio.to_thread(folder.make)
        session = await sessions.assume(means.roles, variant.role_arn)
        model = None
        if variant.multi_model:  # they come when they are asked for
            await asyncio.to_thread(folder.clear_models)
        else:
            model = self._folder.model(self.record.generation, variant.name)
            await self._bring(session.principal, variant.model_data, variant.model_layout, model)
        code = None
        if image.own:
            await self._pull(image, session.principal)
        else:
            image, code = await self._with_code(image, session.principal, folder, model)
        self._lease = await self._capacity(model)
        node = self._lease.nodes[0] if self._lease.nodes else None
        if self._lease.nodes:
            self._say(f"it runs on {node or OWN}")
        credentials = RoleCredentials(folder.role, variant.role_arn, means.roles, means.clock, self._write)
        await credentials.write(session.credentials)
        self._renewing = asyncio.create_task(credentials.keep_renewed())
        spec = spec_of(
            self._endpoint.scope,
            variant,
            self.record.instance_id,
            folder,
            model,
            code,
            image,
            means.surroundings,
            self._container,
        )
        spec = placed(
            spec,
            node,
            machines=means.surroundings.pip.mounts,
            passing=(folder.run, folder.packages),
            renewed=(folder.role,),
            sockets=(folder.socket,),
        )
        starting = asyncio.create_task(means.executor.start(spec, self._output))
        try:
            self.sandbox = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # A process half started would be nobody's: let it come up, then `_run` kills it.
            self.sandbox = await starting
            raise
        self.replica = Replica(
            self.record.instance_id, address_of(means.executor, spec.name, folder, self._container)
        )
        if variant.multi_model:
            self.replica.models = self._models(self.replica, folder.models)

    def _models(self, replica: Replica, folder: Path) -> ReplicaModels:
        means, variant, scope = self._means, self.variant, self._endpoint.scope
        dimensions = {"EndpointName": self._endpoint.name, "VariantName": variant.name}

        async def ask(method: bytes, path: bytes, body: bytes, timeout_s: float) -> ReplicaResponse:
            headers = {"content-type": "application/json"} if body else {}
            return await replica.request(method, path, headers, body, timeout_s, most_bytes=_CONTROL_BYTES)

        def record(name: str, value: float) -> None:
            # Documented, with all names: SageMaker Developer Guide, multi-model endpoint metrics.
            unit = "None" if name == "ModelCacheHit" else "Microseconds"
            means.metrics.record(scope, "AWS/SageMaker", [MetricValue(name, value, unit, dimensions)])

        store = ModelStore(means, self._model_data, variant, scope.region, folder)
        return ReplicaModels(
            ask, store, record, keeps=variant.caches_models, load_s=variant.startup_timeout_s
        )

    async def _pull(self, image: Image, principal: Principal) -> None:
        registry = self._means.images.registry
        assert registry is not None
        self._say(f"pulling {image.uri}")
        self._container = await registry.bring(image.uri, principal)

    async def _with_code(
        self, image: Image, principal: Principal, folder: InstanceFolder, model: Path | None
    ) -> tuple[Image, Path | None]:
        """Return the image whose environment has what the model's code imports, and code of its own."""
        means, variant, code = self._means, self.variant, None
        await asyncio.to_thread(
            model_cache.link,
            means.surroundings.model_cache,
            folder.packages,
            mounted=means.executor.has_private_networks,
        )
        if archive := source.archive_of(variant.environment, variant.network_isolation):
            code = self._folder.code(self.record.generation, variant.name)
            await self._bring(principal, archive, "archive", code)
        if source_of_code := code or (model and model / "code"):
            image = await require_imports(means.images, image, variant, source_of_code, self._say)
        return image, code

    async def _bring(self, principal: Principal, uri: str | None, layout: str, folder: Path) -> None:
        variant = self.variant
        wanted = WantedModel(variant.name, uri, layout, variant.role_arn, variant.download_timeout_s)
        await self._model_data.bring(wanted, principal, self._endpoint.scope.region, folder)

    def _say_refused(self) -> None:
        self._say(f"no {self.variant.instance_type} can be had (`sagehen capacity`); asking again")

    def _say(self, line: str) -> None:
        self._write(f"sagehen: {line}")

    async def _capacity(self, model: Path | None) -> Lease:
        around = self._means.surroundings
        kind, limits = instance_limits.on_this_host(self.variant.instance_type, around.cpus_per_instance)
        size = 0 if model is None else await asyncio.to_thread(size_of, model)
        need_mib = capacity.need_mib(limits, size)
        demand = Demand("serving", limits.cpus, need_mib, around.gpu_types.share(kind))
        group = f"{self._endpoint.arn} {self.variant.name}"
        # An image's root is unpacked here; so are models that come when they are asked for.
        own = self._container is not None or model is None
        return await self._means.capacity.take_place(
            self.record.instance_id, group, need_mib, demand, own=own
        )

    async def _serve(self) -> None:
        sandbox = self.sandbox
        assert sandbox is not None
        exited = asyncio.create_task(sandbox.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await self._watch(exited, stopping)
        finally:
            stopping.cancel()
        if self.phase == "stopping" and not exited.done():
            if self.replica is not None:
                await self.replica.drain(self._drain_s)
            await sandbox.stop(self._grace_s)

    async def _watch(self, exited: asyncio.Task[ExitStatus], stopping: asyncio.Task[bool]) -> None:
        """Return when the process ended, is dead to pings, or is told to stop."""
        wall_clock, replica = self._means.wall_clock, self.replica
        assert replica is not None
        each_s = STARTUP_PING_INTERVAL_S if self._container is None else STARTUP_PING_INTERVAL_OF_IMAGES_S
        health = Health(wall_clock.monotonic(), self.variant.startup_timeout_s, startup_interval_s=each_s)
        while True:
            passed = await ping(replica)
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
        return reason_of(self.variant.name, self.ready_at is not None, status)

    # --- its log -----------------------------------------------------------------------------

    def _output(self, stream: str, line: str) -> None:
        self._write(line)

    def _write(self, line: str) -> None:
        now_ms = epoch_ms(self._means.clock.now())
        name = f"{self.variant.name}/{self.record.instance_id}"
        self._means.logs.write(self._endpoint.scope, self._endpoint.log_group, name, [(now_ms, line)])
