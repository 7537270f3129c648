"""Attempt: what one attempt at a training job has, and how it is told what has come about."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from sagehen.domain.ports.compute.container_images import ContainerImage
from sagehen.domain.ports.compute.node_data import NodeGone
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.images.mapping import Image
from sagehen.services.sagemaker.instances.capacity import Lease
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.instances.peers import Peers
from sagehen.services.sagemaker.jobs.failure import reason_of
from sagehen.services.sagemaker.jobs.fleet import Fleet
from sagehen.services.sagemaker.jobs.works import Works
from sagehen.services.sagemaker.training.debugger import Debugger
from sagehen.services.sagemaker.training.decisions import Observed
from sagehen.services.sagemaker.training.inputs import Brought
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.log import JobLog
from sagehen.services.sagemaker.training.pools.held import Held
from sagehen.services.sagemaker.training.records import TrainingJobRecords
from sagehen.services.sagemaker.transfers.channels.channel import Channel


class Attempt:
    """One attempt's state; what is None is not there yet.

    Args:
        job: As recorded.
        session: The role's session that CreateTrainingJob already made, or None to make one.

    Attributes:
        seen: What `decide` is asked with.
        poked: Set where there is something to look at.
        fleet: Its instances.
        container: An image of the user's own, unpacked; None where an environment stands for the image.
        doubts: Lines for the log before the instances start.
        added: Packages that AWS's image has, and that are installed at the start.
        held: Its hold of a warm pool.
    """

    def __init__(
        self, means: Means, records: TrainingJobRecords, job: TrainingJob, session: RoleSession | None = None
    ) -> None:
        self.means = means
        self.records = records
        self.job = job
        self.session = session
        self.machine_name = f"job-{means.ids.hex(12)}"
        self.folder = JobFolder(means.folder / self.machine_name)
        self.seen = Observed()
        self.poked = asyncio.Event()
        self.channels: tuple[Channel, ...] = ()
        self.image: Image | None = None
        self.container: ContainerImage | None = None
        self.doubts: list[str] = []
        self.added: tuple[str, ...] = ()
        self.log: JobLog | None = None
        self.brought: Brought | None = None
        self.lease: Lease | None = None
        self.held: Held | None = None
        self.peers: Peers | None = None
        self.debugger: Debugger | None = None
        self._works = Works(self._failed)
        self.fleet = Fleet(means.executor, self._works)

    def see(self, **changes: Any) -> None:
        """Note what has come about: members of `Observed`."""
        self.seen = replace(self.seen, **changes)
        self.poked.set()

    def note(self, line: str) -> None:
        """Add a line to the job's log, once there is one."""
        if self.log is not None:
            self.log.line(self.job.hosts[0], line)

    def measured(self, job: TrainingJob) -> TrainingJob:
        """Return the job with what the metric definitions found; what this attempt did not, stays."""
        if self.log is None:
            return job
        series = {name: each.stored for name, each in self.log.series.items()}
        return replace(
            job,
            final_metrics={**job.final_metrics, **self.log.last_metrics},
            metric_series={**job.metric_series, **series},
        )

    async def record(self, step: Callable[[TrainingJob], TrainingJob]) -> TrainingJob:
        """Change the job's record; return it as it is now."""
        job = await self.records.change(self.job.scope, self.job.name, step)
        return job or self.job

    async def enter(self, secondary: str, message: str | None = None) -> None:
        """Record the next secondary status."""
        await self.record(lambda job: job.entered(secondary, self.means.clock.now(), message))

    def work(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the loop; what it raises becomes the job's problem."""
        self._works.begin(work)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, NodeGone):
            self.note(f"sagehen: {error}, or what wrote to the job's pipes there")
            self.see(lost=True)
        else:
            self.see(problem=reason_of(error))

    async def end_works(self) -> None:
        """End all that goes on beside the loop, and kill the instances that still run."""
        await self._works.end()
        await self.fleet.kill()

    async def clear(self) -> None:
        """Leave nothing behind: no work, no pipe, no view, no capacity, no folder."""
        await self.end_works()
        if self.brought is not None:
            self.brought.close()
        if self.means.node_data is not None:
            await self.means.node_data.let_go(self.folder.root)
        if self.lease is not None:
            self.means.capacity.give_back(self.lease)
        if self.container is not None:
            self.container.release()
            self.container = None
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self.folder.remove)
