"""TuningRuns: the tuning jobs that go on, and what their training jobs tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sagehen.services.sagemaker.resources.ongoing import Ongoing
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.tuning import records
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.run import Parts, TuningRun
from sagehen.services.sagemaker.tuning.trials import records as trial_records
from sagehen.services.sagemaker.tuning.trials.trial import objective_value
from sagehen.store.database import Transaction


class TuningRuns:
    """Keeps one task per tuning job that has not ended; follows training jobs (see `training.follower`).

    Args:
        parts: Whose training jobs it follows from now on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._ongoing: Ongoing[TuningRun] = Ongoing()
        parts.training.follow(self)

    def recover(self) -> None:
        """Take up every tuning job that an earlier life left unfinished; its training jobs are taken up
        already.
        """
        for job in self._parts.jobs.unfinished():
            self.begin(job)

    def begin(self, job: TuningJob) -> None:
        """Go on with a job that is recorded."""
        run = TuningRun(self._parts, job)
        self._ongoing.begin(job.arn, run, run.run(), f"tuning-job {job.name}")

    def poke(self, job: TuningJob) -> None:
        """Tell a job's run that its record changed."""
        self._ongoing.poke(job.arn)

    async def end_all(self) -> None:
        """End what goes on; the records stay, so that `recover` takes the jobs up."""
        await self._ongoing.end_all()
        await self._parts.strategies.stop()

    # --- what training jobs tell ---------------------------------------------------------------

    def changed(self, tx: Transaction, job: TrainingJob) -> None:
        """Store in a trial's row what its training job has become. In the writer's thread."""
        found = trial_records.of_training_job(tx, job.scope, job.name)
        if found is None:
            return  # its tuning job was deleted
        tuning_name, trial = found
        trial = replace(trial, status=job.status, started_at=job.started_at, ended_at=job.ended_at)
        if job.ended and (tuning := records.within(tx, job.scope, tuning_name)):
            metric = tuning.definitions[trial.definition].objective.metric
            run = self._ongoing.get(tuning.arn)
            curve, rungs = run.watch.kept(trial) if run else ([], {})
            trial = replace(
                trial,
                objective=objective_value(job, metric),
                failure_reason=job.failure_reason,
                curve=curve,
                rungs=rungs,
            )
        trial_records.update(tx, job.scope, trial)

    def committed(self, job: TrainingJob) -> None:
        """Make the tuning job of a training job look at it."""
        if run := self._ongoing.get(job.tuning_job_arn or ""):
            # Another attempt prints its objective from the first epoch on.
            run.changed(job.name, again=job.secondary_status in ("Starting", "Restarting"))

    def measured(self, job: TrainingJob, values: Mapping[str, float]) -> None:
        """Give the tuning job of a training job what was found in its log."""
        if run := self._ongoing.get(job.tuning_job_arn or ""):
            run.measured(job.name, values)
