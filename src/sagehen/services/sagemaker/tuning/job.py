"""TuningJob: a hyperparameter tuning job as it is recorded, and the changes that its life makes to the
record.

InProgress -> Completed | Failed        InProgress -> Stopping -> Stopped
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.tuning.definition.definition import Definition, definitions_of

ENDED = ("Completed", "Failed", "Stopped")


@dataclass(frozen=True)
class TuningJob:
    """A tuning job's record. Times are seconds since the epoch.

    Args:
        request: CreateHyperParameterTuningJob's input without its tags; RandomSeed stays as it came.
        seed: What its search draws from: RandomSeed, or one of ours.
        parents: What it starts from: (tuned hyperparameters, objective) of trials of its parents. What is
            read of the records leaves it out.
        overall: A summary of the parents' best training job, where they had the same data and algorithm.
        ending: Why it starts no more training jobs; it ends when those that run have.
        converged_at: When its search was first seen to improve nothing more.
    """

    scope: Scope
    name: str
    created_at: float
    modified_at: float
    status: str
    request: Mapping[str, Any] = field(repr=False)
    seed: int = 0
    parents: Sequence[tuple[Mapping[str, str], float]] = field(default=(), repr=False)
    overall: Mapping[str, Any] | None = field(default=None, repr=False)
    ended_at: float | None = None
    failure_reason: str | None = None
    ending: str | None = None
    converged_at: float | None = None

    @classmethod
    def new(cls, scope: Scope, request: Mapping[str, Any], seed: int, now: datetime) -> TuningJob:
        """Return the record of a tuning job that was just accepted."""
        at = now.timestamp()
        return cls(scope, request["HyperParameterTuningJobName"], at, at, "InProgress", request, seed)

    @property
    def arn(self) -> str:
        return arns.tuning_job_arn(self.scope, self.name)

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def stopping(self) -> bool:
        return self.status == "Stopping"

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """See `definitions_of`."""
        return definitions_of(self.request)

    @property
    def config(self) -> Mapping[str, Any]:
        config: Mapping[str, Any] = self.request["HyperParameterTuningJobConfig"]
        return config

    @property
    def strategy(self) -> str:
        strategy: str = self.config["Strategy"]
        return strategy

    @property
    def max_trials(self) -> int:
        """MaxNumberOfTrainingJobs; of a grid that names none, its combinations."""
        named: int | None = self.config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
        if self.strategy == "Grid":
            return grid_size(self.definitions)
        return MOST_TRIALS if named is None else named

    @property
    def max_parallel(self) -> int:
        limit: int = self.config["ResourceLimits"]["MaxParallelTrainingJobs"]
        return limit

    @property
    def deadline(self) -> float | None:
        """When MaxRuntimeInSeconds is over."""
        seconds: int | None = self.config["ResourceLimits"].get("MaxRuntimeInSeconds")
        return None if seconds is None else self.created_at + seconds

    @property
    def early_stopping(self) -> bool:
        """Whether TrainingJobEarlyStoppingType is Auto."""
        kind: str = self.config.get("TrainingJobEarlyStoppingType", "Off")
        return kind == "Auto"

    # --- what happens to it ------------------------------------------------------------------

    def asked_to_stop(self, now: datetime) -> TuningJob:
        """Return the job once StopHyperParameterTuningJob was called."""
        return replace(self, status="Stopping", modified_at=now.timestamp())

    def ends(self, why: str, now: datetime) -> TuningJob:
        """Return the job once a criterion is met: it starts nothing more."""
        return replace(self, ending=why, modified_at=now.timestamp())

    def converged(self, now: datetime) -> TuningJob:
        """Return the job once its search improves nothing more."""
        return replace(self, converged_at=now.timestamp())

    def finished(self, status: str, now: datetime, reason: str | None = None) -> TuningJob:
        """Return the job in its last state."""
        at = now.timestamp()
        return replace(self, status=status, failure_reason=reason, ended_at=at, modified_at=at)


# Documented: SageMaker Developer Guide, Resource limits for automatic model tuning.
MOST_TRIALS = 750


def grid_size(definitions: Sequence[Definition]) -> int:
    """Return how many combinations all definitions have together; continuous parameters count as one."""
    return sum(definition.space.combinations or 1 for definition in definitions)
