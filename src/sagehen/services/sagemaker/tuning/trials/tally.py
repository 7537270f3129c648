"""What is to be said of a tuning job's trials together: counters, the best one, those that improved
nothing. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sagehen.services.sagemaker.training.job import ENDED
from sagehen.services.sagemaker.tuning.definition.objective import Objective
from sagehen.services.sagemaker.tuning.trials.trial import Trial

# Documented: MaxNumberOfTrainingJobsNotImproving, "by 1% or greater".
_IMPROVEMENT = 0.01


@dataclass(frozen=True, slots=True)
class Group:
    """So many trials that are alike.

    Args:
        status: TrainingJobStatus.
        has_objective: Whether they ended with an objective.
    """

    status: str
    has_objective: bool
    count: int


def status_counters(groups: Iterable[Group]) -> dict[str, int]:
    """Return TrainingJobStatusCounters.

    RetryableError stays 0: a training job that may be tried again does so before it shows as Failed.
    """
    counters = {"Completed": 0, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 0, "Stopped": 0}
    names = {"Completed": "Completed", "Failed": "NonRetryableError", "Stopped": "Stopped"}
    for group in groups:
        counters[names.get(group.status, "InProgress")] += group.count
    return counters


def objective_counters(groups: Iterable[Group]) -> dict[str, int]:
    """Return ObjectiveStatusCounters."""
    counters = {"Succeeded": 0, "Pending": 0, "Failed": 0}
    for group in groups:
        if group.status not in ENDED:
            counters["Pending"] += group.count
        else:
            counters["Succeeded" if group.has_objective else "Failed"] += group.count
    return counters


def best(trials: Iterable[Trial], objective: Objective) -> Trial | None:
    """Return the trial with the best objective; of equals the first. None where none has one."""
    found: Trial | None = None
    for trial in trials:
        if trial.objective is not None and (
            found is None or found.objective is None or objective.better(trial.objective, found.objective)
        ):
            found = trial
    return found


def best_value(trials: Iterable[Trial], objective: Objective) -> float | None:
    """Return the objective of the best trial."""
    found = best(trials, objective)
    return found.objective if found else None


def not_improving(trials: Iterable[Trial], objective: Objective) -> int:
    """Return how many trials have ended, with an objective, since the best so far was beaten by 1 % or more.

    Example: maximize, 0.80, 0.81, 0.812, 0.9 -> after each: 0, 0 (1.25 % better), 1 (0.25 %), 0.
    """
    return since_improvement([trial.objective for trial in in_order_of_ends(trials)], objective)


def since_improvement(values: Sequence[float | None], objective: Objective) -> int:
    """Return how many values came after the last one that was better than all before by 1 % or more."""
    reference: float | None = None
    count = 0
    for value in values:
        if value is None:
            continue
        if reference is None or _improves(value, reference, objective):
            reference, count = value, 0
        else:
            count += 1
    return count


def in_order_of_ends(trials: Iterable[Trial]) -> list[Trial]:
    """Return the ended ones, first ended first."""
    ended = [trial for trial in trials if trial.ended]
    return sorted(ended, key=lambda trial: (trial.ended_at or 0.0, trial.number))


def _improves(value: float, reference: float, objective: Objective) -> bool:
    gain = value - reference if objective.maximize else reference - value
    return gain > 0 and gain >= _IMPROVEMENT * abs(reference)
