"""TrainingRuns: the attempts that are going on, and their recovery after the platform was down."""

from __future__ import annotations

from datetime import UTC, datetime

from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.executors.folders.removal import discard
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.jobs.failure import reason_of
from sagehen.services.sagemaker.resources.ongoing import Ongoing
from sagehen.services.sagemaker.training.attempts.run import TrainingJobRun
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.pools import WarmPools
from sagehen.services.sagemaker.training.records import TrainingJobRecords

_WHY_RESTARTED = "The training job is started again: the platform was down while it ran"


class TrainingRuns:
    """Keeps one task per job that has not ended.

    Args:
        means: Its folder is emptied at each start.
        pools: What jobs leave for the next ones.
    """

    def __init__(self, means: Means, records: TrainingJobRecords, pools: WarmPools) -> None:
        self._means = means
        self._records = records
        self._pools = pools
        self._ongoing: Ongoing[TrainingJobRun] = Ongoing()

    async def recover(self) -> None:
        """Take up every job that an earlier life left unfinished. Its processes are gone by now
        (`Executor.recover`), so it begins again; its S3 checkpoints are what it can resume from."""
        discard(self._means.folder)
        self._means.folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._records.unfinished()
        await self._pools.recover(unfinished)
        for job in unfinished:
            if job.status == "InProgress" and job.attempts:
                job = await self._records.change(job.scope, job.name, self._taken_up) or job
            self.begin(job)

    def _taken_up(self, job: TrainingJob) -> TrainingJob:
        if job.interrupting_at is not None:  # it had to begin again anyway
            # What the platform was down is none of its time.
            asked_at = datetime.fromtimestamp(job.interrupting_at, UTC)
            return job.interrupted(self._means.clock.now(), asked_at)
        return job.restarting(self._means.clock.now(), _WHY_RESTARTED)

    def begin(self, job: TrainingJob, session: RoleSession | None = None) -> None:
        """Start an attempt at a job that is recorded."""
        run = TrainingJobRun(self._means, self._records, job, self._pools, session)
        self._ongoing.begin(job.arn, run, self._carry_out(run, job), f"training-job {job.name}")

    async def _carry_out(self, run: TrainingJobRun, job: TrainingJob) -> None:
        """Run attempts; whatever breaks them off, the job has an end that its owner can see."""
        while True:
            try:
                await run.run()
            except Exception as error:
                reason = reason_of(error)

                def fail(job: TrainingJob, reason: str = reason) -> TrainingJob:
                    return job if job.ended else job.failed(self._means.clock.now(), reason)

                await self._records.change(job.scope, job.name, fail)
            again = self._records.get(job.scope, job.name)
            if again is None or again.ended:
                await self._pools.settle(job)
                return
            another = TrainingJobRun(self._means, self._records, again, self._pools)
            run = self._ongoing.follow_with(job.arn, another)

    def poke(self, job: TrainingJob) -> None:
        """Tell a job's run that its record changed."""
        self._ongoing.poke(job.arn)

    async def end_all(self) -> None:
        """End every attempt; the records stay, so that `recover` takes the jobs up."""
        await self._ongoing.end_all()
        await self._pools.stop()
