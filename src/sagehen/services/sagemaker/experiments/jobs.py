"""JobComponents: the trial components of jobs, made and changed in the transactions of the jobs.

Each job has one, in a trial or not (documented: "SageMaker AI creates a trial component for and associated
with each SageMaker AI job"). Their number has no bound but the jobs' (documented, of all that SageMaker makes
itself).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.experiments import errors, quotas, rows, sources
from sagehen.services.sagemaker.experiments.entity import COMPONENT, EXPERIMENT, JOB_METRICS, TRIAL, Entity
from sagehen.services.sagemaker.jobs.tracked import Tracked, described_artifacts
from sagehen.services.sagemaker.resources.rows import moment
from sagehen.store.database import Transaction

_MESSAGE_CHARACTERS = 1024


class JobComponents:
    """Implements `Tracker`."""

    def made(self, tx: Transaction, job: Tracked) -> None:
        """See `Tracker.made`.

        Raises:
            ResourceNotFound: ExperimentConfig names an experiment, trial or run that there is not.
            ValidationException: The trial is another experiment's.
            ResourceLimitExceeded: The trial has too many components.
        """
        config = job.experiment
        source = sources.Source(job.arn, job.source_type, job.created_at)
        members = {
            "DisplayName": config.get("TrialComponentDisplayName"),
            "Parameters": job.described_parameters(),
            "InputArtifacts": described_artifacts(job.inputs),
            "OutputArtifacts": described_artifacts(job.outputs),
            "CreatedBy": {},  # recorded: empty where SageMaker made it
            **_state(job),
        }
        made = moment(job.created_at)
        members = {name: value for name, value in members.items() if value is not None}
        rows.store(tx, Entity(COMPONENT, job.scope, job.component, made, made, "", members))
        if run := config.get("RunName"):
            rows.require(tx, COMPONENT, job.scope, run)
            sources.insert(tx, job.scope, run, source, within=True)
        sources.insert(tx, job.scope, job.component, source, within=False, run=run or "")
        if trial := _trial(tx, job):
            rows.put_into_trial(tx, job.scope, trial, job.component)

    def changed(self, tx: Transaction, job: Tracked) -> None:
        """See `Tracker.changed`. What its owner deleted stays so."""
        rows.update(tx, COMPONENT, job.scope, job.component, moment(job.modified_at), _state(job))


def _state(job: Tracked) -> dict[str, Any]:
    told = {
        "Status": {"PrimaryStatus": job.status, "Message": job.message[:_MESSAGE_CHARACTERS]},
        "StartTime": job.started_at,
        "EndTime": job.ended_at,
        JOB_METRICS: {name: series.stored for name, series in job.metrics.items()} or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _trial(tx: Transaction, job: Tracked) -> str | None:
    """Return the name of the trial that an ExperimentConfig puts the job into; made where it names none."""
    config: Mapping[str, str] = job.experiment
    experiment, trial = config.get("ExperimentName"), config.get("TrialName")
    if experiment:
        rows.require(tx, EXPERIMENT, job.scope, experiment)
    if trial:
        found = rows.require(tx, TRIAL, job.scope, trial)
        if experiment and found.experiment != experiment:
            raise errors.of_another(trial, experiment)
        return trial
    if not experiment:
        return None
    # Documented: "If not specified, a new trial is created." The name is ours.
    name, now = f"{job.name}-aws-trial", moment(job.created_at)
    made = Entity(TRIAL, job.scope, name, now, now, experiment, {"CreatedBy": {}})
    if rows.find(tx, TRIAL, job.scope, name) is not None:
        raise errors.taken(made)
    quotas.require_room_of(tx, TRIAL, job.scope)
    rows.store(tx, made)
    return name
