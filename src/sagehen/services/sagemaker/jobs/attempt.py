"""Attempt: one attempt at a job, from its session to its outputs; does what `decisions.py` says."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from sagehen.domain.clock import wait_for
from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.domain.ports.compute.node_data import NodeGone
from sagehen.domain.ports.compute.places import ANY, Needs
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances.capacity import InsufficientCapacity, Lease
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.placing import needs_of
from sagehen.services.sagemaker.jobs import placing
from sagehen.services.sagemaker.jobs.actions import Launch, Prepare, Step, Wait
from sagehen.services.sagemaker.jobs.decisions import (
    MACHINE_LOST,
    Action,
    End,
    Finish,
    Observed,
    Store,
    decide,
)
from sagehen.services.sagemaker.jobs.failure import NoCapacity, reason_of
from sagehen.services.sagemaker.jobs.fleet import Fleet
from sagehen.services.sagemaker.jobs.groups.group import InstanceGroup
from sagehen.services.sagemaker.jobs.groups.hardware import demands, need_mib_each, require_gpus
from sagehen.services.sagemaker.jobs.job import Job
from sagehen.services.sagemaker.jobs.log_streams import LogStreams
from sagehen.services.sagemaker.jobs.records import JobRecords
from sagehen.services.sagemaker.jobs.works import Works
from sagehen.services.sagemaker.roles import sessions

J = TypeVar("J", bound=Job)


class Attempt(ABC, Generic[J]):
    """What all kinds of jobs do alike; a kind says how it prepares, launches and stores.

    Args:
        means: Its folder is this kind's own.
        job: As recorded.
        log_group: Where its instances' lines go.
        session: The role's session that its creation already made, or None to make one.

    Attributes:
        seen: What `decide` is asked with.
        poked: Set where there is something to look at.
        fleet: Its instances.
        exit_message: What it leaves to be told.
    """

    def __init__(
        self,
        means: Means,
        records: JobRecords[J],
        job: J,
        log_group: str,
        session: RoleSession | None = None,
    ) -> None:
        self.means = means
        self.job = job
        self.session = session
        self.machine_name = f"job-{means.ids.hex(12)}"
        self.folder = JobFolder(means.folder / self.machine_name)
        self.seen = Observed()
        self.poked = asyncio.Event()
        self.exit_message: str | None = None
        self._records = records
        self._log_group = log_group
        self._streams: LogStreams | None = None
        self._lease: Lease | None = None
        self._needs = ANY
        self._pulled: ContainerImage | None = None
        self._works = Works(lambda error: self.see(problem=reason_of(error)))
        self.fleet = Fleet(means.executor, self._works)

    # --- what a kind of job does -------------------------------------------------------------

    @abstractmethod
    async def prepare(self) -> None:
        """Make everything ready; what it raises is the job's problem (`failure.reason_of`)."""

    @abstractmethod
    async def launch(self) -> None:
        """Start the instances, and what goes on beside them; sees `containers` done when they have ended."""

    @abstractmethod
    async def store(self, completed: bool) -> None:
        """Put into S3 what the instances have left; sees `problem` where it cannot be.

        Args:
            completed: Whether all has gone well so far.
        """

    def close(self) -> None:
        """Let go of what the kind holds. Nothing of the job runs any more."""

    # --- what they share ---------------------------------------------------------------------

    def see_lost(self, host: str) -> None:
        """Note that the machine of an instance is lost: the next attempt begins elsewhere."""
        if self.seen.ending is None:
            self.note(f"the machine that {host} ran on is lost")
            self.see(lost=True)

    def note_attempt(self) -> None:
        """Say in the log that it is not the first one."""
        if self.job.attempts > 1:
            why = "the platform was restarted, or a machine was lost, while this job ran"
            self.note(f"attempt {self.job.attempts}: {why}")

    def see(self, **changes: Any) -> None:
        """Note what has come about: members of `Observed`."""
        self.seen = replace(self.seen, **changes)
        self.poked.set()

    def poke(self) -> None:
        """Make it look again: the record changed."""
        self.poked.set()

    def line(self, host: str, text: str, below: str = "") -> None:
        """Take one line of one instance, once there is a log; see `LogStreams.write`."""
        if self._streams is not None:
            self._streams.write(host, text, self.means.clock.now(), below)

    def note(self, text: str) -> None:
        """Add a line of the platform's to the job's log."""
        self.line(self.job.hosts[0], f"sagehen: {text}")

    def work(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the loop; what it raises becomes the job's problem."""
        self._works.begin(work)

    async def record(self, step: Callable[[J], J]) -> J:
        """Change the job's record; return it as it is now."""
        return await self._records.change(self.job.scope, self.job.name, step) or self.job

    @property
    def nodes(self) -> tuple[str | None, ...]:
        """Where its instances run, in the order of the hosts; nothing where there is no cluster."""
        return self._lease.nodes if self._lease is not None else ()

    async def get_instances(self, group: InstanceGroup, needs: Needs) -> None:
        """Wait for instances and for room; then the job has begun, and has a log.

        Raises:
            NoCapacity: There is none of the type, or never enough memory.
            GpuTypeRefused
        """
        means, job = self.means, self.job
        if self.session is None:
            self.session = await sessions.assume(means.roles, job.role_arn)
        require_gpus((group,), means.surroundings.gpu_types)
        try:
            await means.supply.provide((group.instance_type,), means.clock, lambda: None)
            why = await self._get_room(group, needs)
        except InsufficientCapacity:
            raise NoCapacity from None
        self.job = await self.record(lambda job: job if job.ended else job.begun(means.clock.now()))
        self._streams = LogStreams(job.scope, self._log_group, job.name, means.clock.now(), means.logs)
        if why:
            self.note(f"it has waited for room: {why}")
        self.poked.set()  # from here on it has a deadline

    async def _get_room(self, group: InstanceGroup, needs: Needs) -> str:
        """Wait for room; return why it had to wait, where that is known.

        AWS's statuses have no word for a job that waits: it is InProgress and has not started.
        """
        means, waited = self.means, list[str]()
        self._needs = needs
        self._lease = await means.capacity.wait_for_places(
            f"{self.machine_name}-{means.ids.hex(4)}",
            demands((group,), means.surroundings),
            need_mib_each((group,), means.surroundings),
            waited.append,
            needs,
        )
        return waited[0] if waited else ""

    async def stay_with(self, image: Image, group: InstanceGroup) -> None:
        """See that its instances run where the environment is that was built for its image meanwhile."""
        if not any(self.nodes) or needs_of(image).files == self._needs.files:
            return
        assert self._lease is not None
        self.note("it waits for room on the platform's own machine, where its environment was built")
        self.means.capacity.give_back(self._lease)
        await self._get_room(group, needs_of(image, own=True))

    def note_places(self) -> None:
        """Say in the log where its instances run."""
        for line in placing.notes(self.job.hosts, self.nodes):
            self.note(line)

    async def pull(self, image: Image) -> ContainerImage:
        """Unpack an image of one's own, with the rights of the job's role; it is held while the job lives.

        Raises:
            AccessDenied, ServiceError: As `ContainerImages.bring`.
        """
        registry = self.means.images.registry
        assert registry is not None and self.session is not None
        self.note(f"pulling {image.uri}")
        self._pulled = await registry.bring(image.uri, self.session.principal)
        return self._pulled

    # --- its life ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Bring the job to its end. Cancelled, it ends the containers and leaves the record as it is."""
        try:
            while True:
                self.poked.clear()
                job = self._records.get(self.job.scope, self.job.name)
                if job is None or job.ended:
                    return
                action = decide(job, self.seen, self.means.clock.now())
                if isinstance(action, Finish):
                    await self._finish(action)
                    return
                try:
                    await self._perform(action)
                except Exception as error:
                    self.see(problem=reason_of(error))
        finally:
            await self._clear()

    async def _perform(self, action: Action) -> None:
        match action:
            case Prepare():
                self.see(preparation=Step.RUNNING)
                self.work(self._prepare())
            case Launch():
                self.see(containers=Step.RUNNING)
                await self.launch()
            case End(why, grace_s):
                self.see(ending=why)
                self.end(grace_s)
            case Store(completed):
                self.see(storing=Step.RUNNING, storing_began=self.means.clock.now())
                self.work(self._store(completed))
            case Wait(until):
                await self._wait(until)
            case Finish():
                raise AssertionError("the loop ends with it")

    def end(self, grace_s: float) -> None:
        """Tell the instances to end."""
        self.fleet.end(grace_s)

    async def _prepare(self) -> None:
        try:
            await self.prepare()
        except NodeGone as error:
            self.note(f"{error}, with the data that it had got for this job")
            self.see(lost=True)
            return
        self.see(preparation=Step.DONE)

    async def _store(self, completed: bool) -> None:
        await self.store(completed)
        self.see(storing=Step.DONE)

    async def _wait(self, until: datetime | None) -> None:
        clock = self.means.clock
        await wait_for(self.poked, clock, None if until is None else (until - clock.now()).total_seconds())

    async def _finish(self, action: Finish) -> None:
        """Record what the attempt has come to, once nothing of it runs any more."""
        await self._end_works()
        await self.means.logs.flush()  # who sees the end may read the whole log

        def end(job: J) -> J:
            if job.ended:
                return job
            if action is MACHINE_LOST:
                return job.restarting(self.means.clock.now())
            return job.finished(action.status, self.means.clock.now(), action.reason, self.exit_message)

        await self.record(end)

    async def _end_works(self) -> None:
        await self._works.end()
        await self.fleet.kill()

    async def _clear(self) -> None:
        await self._end_works()
        self.close()
        if self.means.node_data is not None:
            await self.means.node_data.let_go(self.folder.root)
        if self._lease is not None:
            self.means.capacity.give_back(self._lease)
        if self._pulled is not None:
            self._pulled.release()
            self._pulled = None
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self.folder.remove)
