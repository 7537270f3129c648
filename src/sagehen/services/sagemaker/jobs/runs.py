"""JobRuns: the attempts that are going on, and their recovery after the platform was down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.scope import Scope
from sagehen.executors.folders.removal import discard
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.jobs.attempt import Attempt
from sagehen.services.sagemaker.jobs.failure import reason_of
from sagehen.services.sagemaker.jobs.job import Job
from sagehen.services.sagemaker.jobs.records import JobRecords, missing
from sagehen.services.sagemaker.resources.ongoing import Ongoing

J = TypeVar("J", bound=Job)


class JobRuns(Generic[J]):
    """Keeps one task per job of a kind that has not ended.

    Args:
        means: Its folder is emptied at each start.
        make: An attempt at a job, with the session that its creation made.
    """

    def __init__(
        self,
        means: Means,
        records: JobRecords[J],
        make: Callable[[J, RoleSession | None], Attempt[J]],
    ) -> None:
        self._means = means
        self._records = records
        self._make = make
        self._ongoing: Ongoing[Attempt[J]] = Ongoing()

    async def recover(self) -> None:
        """Take up every job that an earlier life left unfinished. Its processes are gone by now
        (`Executor.recover`), so it begins again."""
        discard(self._means.folder)
        self._means.folder.mkdir(parents=True, exist_ok=True)
        for job in self._records.unfinished():
            if job.status == "InProgress" and job.attempts:
                job = await self._records.change(job.scope, job.name, self._taken_up) or job
            self.begin(job)

    def _taken_up(self, job: J) -> J:
        return job.restarting(self._means.clock.now())

    def begin(self, job: J, session: RoleSession | None = None) -> None:
        """Start an attempt at a job that is recorded."""
        attempt = self._make(job, session)
        self._ongoing.begin(job.arn, attempt, self._carry_out(attempt, job), job.arn)

    async def _carry_out(self, attempt: Attempt[J], job: J) -> None:
        """Run attempts; whatever breaks them off, the job has an end that its owner can see."""
        while True:
            try:
                await attempt.run()
            except Exception as error:
                reason = reason_of(error)

                def fail(job: J, reason: str = reason) -> J:
                    return job if job.ended else job.finished("Failed", self._means.clock.now(), reason)

                await self._records.change(job.scope, job.name, fail)
            again = self._records.get(job.scope, job.name)
            if again is None or again.ended:
                return
            attempt = self._ongoing.follow_with(job.arn, self._make(again, None))

    async def stop(self, scope: Scope, name: str) -> None:
        """Ask a job to stop; one that is stopping already is left to it.

        Raises:
            ValidationException: No such job, or it has ended.
        """
        now = self._means.clock.now()
        job = await self._records.change(scope, name, lambda job: job.asked_to_stop(now))
        if job is None:
            raise missing(name)
        self._ongoing.poke(job.arn)

    async def end_all(self) -> None:
        """End every attempt; the records stay, so that `recover` takes the jobs up."""
        await self._ongoing.end_all()
