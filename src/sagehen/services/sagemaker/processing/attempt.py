"""ProcessingAttempt: one attempt at a processing job; what is its own of what `jobs.attempt` asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from pathlib import PurePosixPath
from typing import Any

from sagehen.archives.bounds import TooMuch, of_volume
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.domain.ports.compute.node_data import NodeGone
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.domain.ports.storage.outgoing import Target
from sagehen.executors.base import ExitStatus, SandboxSpec
from sagehen.services.sagemaker.images import imports
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances import model_cache, utilization
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.placing import needs_of
from sagehen.services.sagemaker.jobs import placing, settings_without_effect
from sagehen.services.sagemaker.jobs.actions import Step
from sagehen.services.sagemaker.jobs.attempt import Attempt
from sagehen.services.sagemaker.jobs.container import role_folder
from sagehen.services.sagemaker.jobs.failure import failure_reason
from sagehen.services.sagemaker.jobs.groups.hardware import Hardware, gpu_note, hardware_of
from sagehen.services.sagemaker.jobs.records import JobRecords
from sagehen.services.sagemaker.processing import container, inputs, outputs
from sagehen.services.sagemaker.processing.acceptance import settings
from sagehen.services.sagemaker.processing.bringing import Bringing
from sagehen.services.sagemaker.processing.exit_message import NotUtf8, exit_message, message_of
from sagehen.services.sagemaker.processing.inputs import ProcessingInput
from sagehen.services.sagemaker.processing.job import ProcessingJob
from sagehen.services.sagemaker.processing.outputs import ProcessingOutput
from sagehen.services.sagemaker.roles.credentials import RoleCredentials
from sagehen.services.sagemaker.roles.keys import RoleKeys
from sagehen.services.sagemaker.transfers.downloads import Downloads
from sagehen.services.sagemaker.transfers.elsewhere import Elsewhere, elsewhere_of
from sagehen.services.sagemaker.transfers.storing import Storing
from sagehen.services.sagemaker.transfers.uploads import RoleUploads

# Documented: SageMaker Developer Guide, Log groups and streams that SageMaker sends to CloudWatch Logs;
# Monitor SageMaker with CloudWatch, processing job metrics.
LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
METRIC_NAMESPACE = "/aws/sagemaker/ProcessingJobs"


class ProcessingAttempt(Attempt[ProcessingJob]):
    """From the inputs to the outputs."""

    def __init__(
        self,
        means: Means,
        records: JobRecords[ProcessingJob],
        job: ProcessingJob,
        session: RoleSession | None = None,
    ) -> None:
        super().__init__(means, records, job, LOG_GROUP, session)
        self._image: Image | None = None
        self._container: ContainerImage | None = None
        self._elsewhere: Elsewhere | None = None
        self._got: tuple[PurePosixPath, ...] = ()  # by nodes
        self._outgoing: list[tuple[ProcessingOutput, Storing]] = []

    async def prepare(self) -> None:
        """Get instances, an environment, the inputs."""
        means, job = self.means, self.job
        image = means.images.resolve(job.request["AppSpecification"]["ImageUri"], "processing")
        await self.get_instances(job.group, needs_of(image))
        await asyncio.to_thread(self.folder.create_empty, job.hosts)
        if means.images.wants_building(image):
            image = await means.images.built(image, self.note)
        brought, stored = inputs.parse(job.request), outputs.parse(job.request)
        places = [*(each.folder for each in brought), *(each.folder for each in stored)]
        await asyncio.to_thread(container.write, job, self.folder, places)
        self._container = await self.pull(image) if image.own else None
        apart = self._apart(brought, stored, image)
        bringing = Bringing(job, self.folder, Downloads(means.objects, self._principal, self.folder))
        await bringing.here(each for each in brought if each not in apart)
        self._image = image if image.own else await self._with_imports(image)
        await self.stay_with(self._image, job.group)
        for host in () if image.own else job.hosts:
            packages, cache = self.folder.host(host).packages, means.surroundings.model_cache
            mounted = means.executor.has_private_networks
            await asyncio.to_thread(model_cache.link, cache, packages, mounted=mounted)
        keys = RoleKeys(job.role_arn, means.roles, means.clock)
        self._elsewhere = elsewhere_of(
            means.node_data, self.folder, job.hosts, self.nodes, keys, job.scope.region
        )
        if self._elsewhere is None:
            await bringing.here(apart)
        else:
            await bringing.elsewhere(apart, self._elsewhere)
            self._got = tuple(each.folder for each in apart)
        self._outgoing = [(output, self._stores(output)) for output in stored]

    def _apart(
        self, brought: Iterable[ProcessingInput], stored: Iterable[ProcessingOutput], image: Image
    ) -> tuple[ProcessingInput, ...]:
        """Return the inputs of which nothing is looked at here, and which a node can get by itself.

        What it has got goes to its place by a rename, which wants that empty; and of an output it would
        take for stored what came from S3.
        """
        if not any(self.nodes):
            return ()
        others = [each.folder for each in stored]
        script = None if image.own else container.script_of(self.job, self.folder, image)
        if script is not None:
            top = self.folder.host(self.job.hosts[0]).opt_ml
            others.append(PurePosixPath(script.folder.relative_to(top)))
        return inputs.apart(brought, others)

    @property
    def _principal(self) -> Principal:
        assert self.session is not None
        return self.session.principal

    async def _with_imports(self, image: Image) -> Image:
        """Return the image whose environment has what the script imports; say what it has not.

        Raises:
            ImportsMissing, BuildFailed, UvMissing
        """
        script = container.script_of(self.job, self.folder, image)
        if script is None or "PYTHONPATH" in (self.job.request.get("Environment") or {}):
            return image
        provided = instance_environment.stand_in_names("trainingtoolkit")
        lacks = await imports.lacks_of(image, script, provided)
        if self.means.images.wants_building(image, lacks.certain):
            image = await self.means.images.built(image, self.note)
            lacks = await imports.lacks_of(image, script, provided)
        if found := imports.require(image, lacks, script):
            self.note(found)
        return image

    def _stores(self, output: ProcessingOutput) -> Storing:
        assert self.session is not None
        target = Target(
            output.bucket,
            output.prefix,
            of_volume(self.job.volume_gb).size,
            f"files of output {output.name!a}"[:100],
            kms_key_id=self.job.output_kms_key,
        )
        hosts = [self.folder.host(name) for name in self.job.hosts]
        uploads = RoleUploads(self.means.objects, self.session.principal)
        return Storing(hosts, output.folder, target, uploads, self._elsewhere)

    async def launch(self) -> None:
        """Start one container per instance, all together."""
        means, job, image = self.means, self.job, self._image
        assert self.session is not None and image is not None
        role = RoleCredentials(role_folder(self.folder), job.role_arn, means.roles, means.clock, self.note)
        await role.write(self.session.credentials)
        hardware = hardware_of((job.group,), job.volume_gb, means.surroundings)
        specs = {host: self._spec(host, image, hardware[host]) for host in job.hosts}
        self._say_first(image)
        await self.fleet.start(specs, self.line, self._ended)
        self.work(role.keep_renewed())
        limits = {host: each.limits for host, each in hardware.items()}
        watching = utilization.watch(
            job.scope, METRIC_NAMESPACE, job.name, self.fleet.sandboxes, limits, means.metrics
        )
        self.work(watching)
        for output, outgoing in self._outgoing:
            if output.is_continuous:
                self.work(self._note_unstored(output, outgoing.keep_storing()))

    def _spec(self, host: str, image: Image, hardware: Hardware) -> SandboxSpec:
        """Return what to run for one instance; elsewhere, its exit message alone is wanted here."""
        job, around, own = self.job, self.means.surroundings, self.folder.host(host)
        spec = container.spec_of(
            job, self.folder, host, image, around, hardware, self.machine_name, self._container
        )
        return placing.on_node(
            spec,
            self.nodes,
            job.hosts,
            self.folder,
            host,
            around,
            wanted=(message_of(own),),
            left=(own.opt_ml, *(own.opt_ml / each for each in self._got)),
        )

    def _say_first(self, image: Image) -> None:
        job = self.job
        lines = [gpu_note((job.group,), self.means.surroundings.gpu_types), image.describe()]
        for line in [*lines, *settings_without_effect.notes(settings(job.request))]:
            if line is not None:
                self.note(line)
        self.note_attempt()
        self.note_places()

    async def _note_unstored(self, output: ProcessingOutput, storing: Coroutine[Any, Any, None]) -> None:
        """Store while the job runs; where that fails the log says so, and the end tries once more."""
        try:
            await storing
        except (AccessDenied, NoSuchObject, TooMuch, NodeGone, OSError) as error:
            self.note(f"output {output.name!a} cannot be stored: {error}")

    async def _ended(self, host: str, status: ExitStatus) -> None:
        if status.is_lost:
            self.see_lost(host)
        failed = not status.is_lost and (status.code != 0 or status.out_of_disk)
        if failed and self.seen.failure is None and self.seen.ending is None:
            self.see(failure=failure_reason(status, None, self.job.volume_gb))
        if not self.fleet.sandboxes:
            self.see(containers=Step.DONE)

    async def store(self, completed: bool) -> None:
        """Store the outputs: all of a job that has completed, of others what is stored continuously.

        Documented (ProcessingS3Output, S3UploadMode): continuously, or after the job completes. What AWS does
        of the latter where a job fails or is stopped could not be verified.
        """
        try:
            hosts = [self.folder.host(name) for name in self.job.hosts]
            self.exit_message = await asyncio.to_thread(exit_message, hosts)
        except NotUtf8 as error:
            if completed:
                self.see(problem=f"ClientError: {error}")
                completed = False
        for output, outgoing in self._outgoing:
            if not completed and not output.is_continuous:
                continue
            try:
                await outgoing.store()
            except NodeGone as error:
                self.note(f"{error}, with what had not been stored")
                self.see(lost=True)
                return
            except (AccessDenied, NoSuchObject, TooMuch) as error:
                self.note(f"output {output.name!a} cannot be stored: {error}")
                if completed:  # what made it fail says more
                    self.see(problem=f"ClientError: Failed to upload output {output.name!a}: {error}")
