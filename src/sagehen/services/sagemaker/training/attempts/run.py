"""TrainingJobRun: one attempt at a training job; carries out what `decisions.py` says."""

from __future__ import annotations

from datetime import datetime

from sagehen.domain.clock import wait_for
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.jobs.actions import Launch, Prepare, Step, Wait
from sagehen.services.sagemaker.jobs.failure import reason_of
from sagehen.services.sagemaker.training.attempts.attempt import Attempt
from sagehen.services.sagemaker.training.attempts.ending import Ending
from sagehen.services.sagemaker.training.attempts.launch import launch
from sagehen.services.sagemaker.training.attempts.preparation import Preparation
from sagehen.services.sagemaker.training.decisions import Action, End, Finish, Upload, decide
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.training.pools.pools import WarmPools
from sagehen.services.sagemaker.training.records import TrainingJobRecords


class TrainingJobRun:
    """One attempt, from its session to its artifacts.

    Args:
        job: As recorded.
        session: The role's session that CreateTrainingJob already made, or None to make one.
    """

    def __init__(
        self,
        means: Means,
        records: TrainingJobRecords,
        job: TrainingJob,
        pools: WarmPools,
        session: RoleSession | None = None,
    ) -> None:
        self._attempt = Attempt(means, records, job, session)
        self._preparation = Preparation(self._attempt, pools)
        self._ending = Ending(self._attempt, pools)

    def poke(self) -> None:
        """Make it look again: the record changed."""
        self._attempt.poked.set()

    async def run(self) -> None:
        """Bring the job to its end. Cancelled, it ends the containers and leaves the record as it is."""
        attempt = self._attempt
        try:
            while True:
                attempt.poked.clear()
                job = attempt.records.get(attempt.job.scope, attempt.job.name)
                if job is None or job.ended:
                    return
                if attempt.debugger is not None:
                    attempt.debugger.change(job)
                action = decide(job, attempt.seen, attempt.means.clock.now())
                if isinstance(action, Finish):
                    await self._ending.finish(action)
                    return
                try:
                    await self._perform(action)
                except Exception as error:
                    attempt.see(problem=reason_of(error))
        finally:
            await attempt.clear()

    async def _perform(self, action: Action) -> None:
        attempt = self._attempt
        match action:
            case Prepare():
                attempt.see(preparation=Step.RUNNING)
                attempt.work(self._preparation.carry_out())
            case Launch():
                attempt.see(containers=Step.RUNNING)
                await launch(attempt)
            case End(why, grace_s):
                attempt.see(ending=why)
                attempt.fleet.end(grace_s)
            case Upload():
                attempt.see(upload=Step.RUNNING, upload_began=attempt.means.clock.now())
                attempt.work(self._ending.upload())
            case Wait(until):
                await self._wait(until)
            case Finish():
                raise AssertionError("the loop ends with it")

    async def _wait(self, until: datetime | None) -> None:
        clock = self._attempt.means.clock
        seconds = None if until is None else (until - clock.now()).total_seconds()
        await wait_for(self._attempt.poked, clock, seconds)
