"""TransformAttempt: one attempt at a transform job; what is its own of what `jobs.attempt` asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.executors.base import ExitStatus, SandboxSpec
from sagehen.services.sagemaker.hosting import source
from sagehen.services.sagemaker.hosting.container import address_of, spec_of
from sagehen.services.sagemaker.hosting.environment import require_imports
from sagehen.services.sagemaker.hosting.folder import InstanceFolder
from sagehen.services.sagemaker.hosting.placing import placed_server
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances import model_cache, utilization
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.placing import needs_of
from sagehen.services.sagemaker.jobs.actions import Step
from sagehen.services.sagemaker.jobs.attempt import Attempt
from sagehen.services.sagemaker.jobs.decisions import Ending
from sagehen.services.sagemaker.jobs.groups.hardware import gpu_note
from sagehen.services.sagemaker.jobs.records import JobRecords
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.services.sagemaker.models.wanted import ModelDataUnavailable, WantedModel
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.roles.credentials import RoleCredentials
from sagehen.services.sagemaker.transfers.entries import Entries
from sagehen.services.sagemaker.transfers.failures import DownloadFailed, as_failure
from sagehen.services.sagemaker.transform.acceptance import association_of
from sagehen.services.sagemaker.transform.asking import NotAnswered
from sagehen.services.sagemaker.transform.job import TransformJob
from sagehen.services.sagemaker.transform.objects import Manner
from sagehen.services.sagemaker.transform.outputs import Outputs
from sagehen.services.sagemaker.transform.servers import Servers
from sagehen.services.sagemaker.transform.storing import store, store_manifests
from sagehen.services.sagemaker.transform.transformation import Transformation
from sagehen.serving.health import STARTUP_PING_INTERVAL_OF_IMAGES_S, STARTUP_PING_INTERVAL_S
from sagehen.serving.replica import Replica

T = TypeVar("T")

# Documented: SageMaker Developer Guide, Log groups and streams that SageMaker sends to CloudWatch Logs;
# Monitor SageMaker with CloudWatch, batch transform job metrics.
LOG_GROUP = "/aws/sagemaker/TransformJobs"
METRIC_NAMESPACE = "/aws/sagemaker/TransformJobs"
_DATA_LOG = "/data-log"
_DOWNLOAD_S = 3600.0


class TransformAttempt(Attempt[TransformJob]):
    """From the model to the objects' answers."""

    def __init__(
        self,
        means: Means,
        records: JobRecords[TransformJob],
        job: TransformJob,
        session: RoleSession | None = None,
    ) -> None:
        super().__init__(means, records, job, LOG_GROUP, session)
        self._image: Image | None = None
        self._container: ContainerImage | None = None
        self._models = ModelData(means.objects, means.node_data)
        self._model = self.folder.root / "model"
        self._code: Path | None = None
        self._servers: Servers | None = None
        self._outputs = Outputs(self.folder.root / "out")
        self._all_done = False
        # Streams are named by instance ids on AWS.
        self._names = {host: f"i-{means.ids.hex(17)}" for host in job.hosts}

    def line(self, host: str, text: str, below: str = "") -> None:
        """Take one line of one instance: streams have the names of AWS's instances."""
        super().line(self._names[host], text, below)

    # --- before ------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """Get instances, an environment, the model."""
        means, job = self.means, self.job
        image = means.images.resolve(job.image, "inference")
        await self.get_instances(job.group, needs_of(image, apart=True))
        await asyncio.to_thread(self.folder.create_empty, job.hosts)
        await asyncio.to_thread((self.folder.root / "out").mkdir)
        if means.images.wants_building(image):
            image = await means.images.built(image, self.note)
        looked = await self._bring(lambda models, session: models.look(self._wanted, session, self._model))
        if image.own:
            self._container = await self.pull(image)
            self._image = image
        else:
            self._image = await self._bring_code(image, looked.code)
        await self.stay_with(self._image, job.group)
        for node in set(self.nodes) or {None}:
            await self._bring_to(node)
        for host in job.hosts:
            await asyncio.to_thread(self._own(host).make)

    async def _bring_code(self, image: Image, code: Path) -> Image:
        """Bring code that lies apart from the model; return the image with what that imports.

        Args:
            code: That of the model.
        """
        means, job = self.means, self.job
        if archive := source.archive_of(job.environment, job.network_isolation):
            apart = self._code = self.folder.root / "code"
            wanted = replace(self._wanted, uri=archive, layout="archive")
            await self._bring(lambda models, session: models.bring(wanted, session, apart))
        image = await require_imports(means.images, image, job, self._code or code, self.note)
        for host in job.hosts:
            own, cache = self._own(host), means.surroundings.model_cache
            await asyncio.to_thread(own.make)
            mounted = means.executor.has_private_networks
            await asyncio.to_thread(model_cache.link, cache, own.packages, mounted=mounted)
        return image

    async def _bring_to(self, node: str | None) -> None:
        await self._bring(lambda models, session: models.bring(self._wanted, session, self._model, node))

    @property
    def _wanted(self) -> WantedModel:
        job = self.job
        return WantedModel(
            "AllTraffic", job.model_data, job.model_layout, job.role_arn, _DOWNLOAD_S, job.scope.region
        )

    async def _bring(self, work: Callable[[ModelData, RoleSession], Awaitable[T]]) -> T:
        means, job = self.means, self.job
        assert self.session is not None
        # Nodes have its keys for as long as it takes.
        self.session = await sessions.assume(means.roles, job.role_arn)
        try:
            return await work(self._models, self.session)
        except ModelDataUnavailable as error:
            raise DownloadFailed(f"ClientError: {error}") from None

    def _own(self, host: str) -> InstanceFolder:
        return InstanceFolder(self.folder.host(host).root)

    # --- while it runs -----------------------------------------------------------------------

    async def launch(self) -> None:
        """Start one server per instance, and ask them once they answer."""
        means, job, image = self.means, self.job, self._image
        assert self.session is not None and image is not None
        if note := gpu_note((job.group,), means.surroundings.gpu_types):
            self.note(note)
        self.note(image.describe())
        self.note_attempt()
        self.note_places()
        specs = {}
        for host in job.hosts:
            role = RoleCredentials(self._own(host).role, job.role_arn, means.roles, means.clock, self.note)
            await role.write(self.session.credentials)
            self.work(role.keep_renewed())
            specs[host] = self._spec(host, image)
        await self.fleet.start(specs, self.line, self._ended)
        replicas = {
            host: Replica(host, address_of(means.executor, spec.name, self._own(host), self._container))
            for host, spec in specs.items()
        }
        self._servers = Servers(
            job.request,
            replicas,
            lambda host: host in self.fleet.sandboxes,
            frozenset(host for host in job.hosts if self._node_of(host) is not None),
            means.wall_clock,
            STARTUP_PING_INTERVAL_S if self._container is None else STARTUP_PING_INTERVAL_OF_IMAGES_S,
        )
        _, limits = instance_limits.on_this_host(job.instance_type, means.surroundings.cpus_per_instance)
        all_limits = dict.fromkeys(job.hosts, limits)
        self.work(
            utilization.watch(
                job.scope, METRIC_NAMESPACE, job.name, self.fleet.sandboxes, all_limits, means.metrics
            )
        )
        self.work(self._transform())

    def _spec(self, host: str, image: Image) -> SandboxSpec:
        job, around, own = self.job, self.means.surroundings, self._own(host)
        name, code = f"{self.machine_name}-{host}", self._code
        spec = spec_of(job.scope, job, name, own, self._model, code, image, around, self._container)
        return placed_server(spec, self._node_of(host), own, around)

    def _node_of(self, host: str) -> str | None:
        return self.nodes[self.job.hosts.index(host)] if self.nodes else None

    async def _ended(self, host: str, status: ExitStatus) -> None:
        if status.is_lost and not self._all_done:
            self.see_lost(host)
        elif not self._all_done and self.seen.failure is None and self.seen.ending is None:
            self.line(host, f"sagehen: the model server ended with exit code {status.code}")
            self.see(failure=_reason_of_end(status))
        if not self.fleet.sandboxes:
            self.see(containers=Step.DONE)

    async def _transform(self) -> None:
        """Ask for all objects, then end the servers."""
        if not all([await self._comes_up(host) for host in self.job.hosts]):
            return
        assert self.session is not None and self._servers is not None
        entries = Entries(self.means.objects, self.session.principal, self.folder).of(self.job.channel)
        servers = [await self._servers.asked(host) for host in self.job.hosts]
        one = servers[0].settings
        strategy = "MULTI_RECORD" if one.several else "SINGLE_RECORD"
        self.line(  # recorded: AWS's first line (aws/amazon-sagemaker-examples issue 3948)
            self.job.hosts[0],
            f"[sagemaker logs]: MaxConcurrentTransforms={one.at_once}, MaxPayloadInMB={one.payload_mb}, "
            f"BatchStrategy={strategy}",
            _DATA_LOG,
        )
        work = Transformation(
            self.means.objects, self.session.principal, self._manner(), self._outputs,
            lambda: self.seen, partial(self.line, below=_DATA_LOG),
        )  # fmt: skip
        try:
            await work.run(servers, entries)
        except ExceptionGroup as error:
            self._fail(str(as_failure(error)))
            return
        if work.first_failure is not None:
            whose = "ClientError" if _is_client(work.first_failure) else "AlgorithmError"
            # Recorded: aws/deep-learning-containers issue 586.
            self._fail(f"{whose}: See job logs for more information")
        self._all_done = True
        self.fleet.end(2.0)

    def _fail(self, reason: str) -> None:
        if self.seen.ending is None and self.seen.failure is None:
            self.see(failure=reason)

    async def _comes_up(self, host: str) -> bool:
        assert self._servers is not None
        state = await self._servers.come_up(host)
        if state == "dead":  # recorded: aws/amazon-sagemaker-examples issue 852
            self._fail(
                "AlgorithmError: Model container failed to respond to ping. Please ensure /ping endpoint is "
                "implemented and responds with an HTTP 200 status code"
            )
        return state == "healthy"

    def _manner(self) -> Manner:
        request = self.job.request
        given = request["TransformInput"]
        return Manner(
            split=given.get("SplitType") or "None",
            is_gzipped=given.get("CompressionType") == "Gzip",
            ends_lines=request["TransformOutput"].get("AssembleWith") == "Line",
            association=association_of(request),
        )

    # --- after -------------------------------------------------------------------------------

    async def store(self, completed: bool) -> None:
        """Store the answers of the objects that have all of theirs; nothing of a job that was stopped.

        Documented: CreateTransformJob, S3OutputPath; StopTransformJob.
        """
        if self.seen.ending in (Ending.STOP, Ending.MAX_RUNTIME) or self.job.stopping:
            return
        session = self.session
        assert session is not None
        what = (self.means.objects, session.principal, self.job, self._outputs)
        try:
            await store(*what)
            await store_manifests(*what, self.means.ids, self.folder.root / "manifest")
        except (AccessDenied, NoSuchObject) as error:
            self.note(f"the output cannot be stored: {error}")
            if completed:
                self.see(problem=f"ClientError: Failed to upload output: {error}")

    def close(self) -> None:
        """Close what is open to the servers."""
        if self._servers is not None:
            self._servers.close()


def _reason_of_end(status: ExitStatus) -> str:
    if status.out_of_memory:  # as of training jobs
        return (
            "ClientError: Please use an instance type with more memory, or smaller payloads., exit code: 137"
        )
    return f"AlgorithmError: , exit code: {status.code}"


def _is_client(error: Exception) -> bool:
    return error.is_client if isinstance(error, NotAnswered) else True
