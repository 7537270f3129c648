"""Follower: who wants to know what becomes of training jobs that were not made by CreateTrainingJob."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.store.database import Transaction


class Follower(Protocol):
    """Is told of the jobs that have a `tuning_job_arn`."""

    def changed(self, tx: Transaction, job: TrainingJob) -> None:
        """Store, within the transaction that changes a job, what the change means. In the writer's thread."""
        ...

    def committed(self, job: TrainingJob) -> None:
        """Look again: a change is stored."""
        ...

    def measured(self, job: TrainingJob, values: Mapping[str, float]) -> None:
        """Take what the metric definitions found in a line of a job's log."""
        ...
