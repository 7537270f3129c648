"""Trial: one training job of a tuning job, as the tuning job keeps it. Times are seconds since the epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sagehen.services.sagemaker.training.job import ENDED, TrainingJob

# Objective values that are kept of a trial: the epochs in which others are compared with it.
MOST_EPOCHS = 1000


@dataclass(frozen=True, slots=True)
class Trial:
    """One training job.

    Args:
        number: From 1, in the order of their starts.
        name: Of the training job.
        definition: Which of the definitions it is of.
        tuned: Its hyperparameters, without the static ones.
        status: TrainingJobStatus.
        objective: The last value of the objective metric, once it has ended with one.
        curve: Values of the objective metric as they came: the first `MOST_EPOCHS`, once it has ended.
        rungs: Those at Hyperband's rungs (see `stopping.hyperband`), once it has ended.
    """

    number: int
    name: str
    definition: int
    created_at: float
    tuned: Mapping[str, str]
    status: str = "InProgress"
    objective: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    failure_reason: str | None = None
    curve: Sequence[float] = field(default=(), repr=False)
    rungs: Mapping[int, float] = field(default_factory=dict, repr=False)

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def objective_status(self) -> str:
        """ObjectiveStatus: Pending until it ends; a failed one has none, whatever it printed."""
        if not self.ended:
            return "Pending"
        return "Failed" if self.objective is None else "Succeeded"


def objective_value(job: TrainingJob, metric: str) -> float | None:
    """Return what a training job's end says of the objective: nothing where it failed or printed no
    number.
    """
    value, _ = job.final_metrics.get(metric, (None, None))
    if job.status not in ("Completed", "Stopped") or value is None or not math.isfinite(value):
        return None
    return value
