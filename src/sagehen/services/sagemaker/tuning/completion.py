"""When a tuning job is over before its last training job: the completion criteria. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.trials import tally
from sagehen.services.sagemaker.tuning.trials.trial import Trial

# Ours: AWS does not tell the algorithm behind ConvergenceDetected, only that it means a lack of improvement
# of more
# than 1 %. So many training jobs, and as many as there are hyperparameters twice, bring none.
_CONVERGED_AFTER = 10
_CONVERGED_PER_PARAMETER = 2


def has_converged(job: TuningJob, trials: Sequence[Trial]) -> bool:
    """Tell whether the search improves nothing more."""
    parameters = max(len(definition.space.parameters) for definition in job.definitions)
    wanted = max(_CONVERGED_AFTER, _CONVERGED_PER_PARAMETER * parameters)
    return tally.not_improving(trials, job.definitions[0].objective) >= wanted


def met(job: TuningJob, trials: Sequence[Trial], now: float) -> str | None:
    """Return the name of the criterion that ends the job, or None.

    What ran then is stopped; that all MaxNumberOfTrainingJobs have begun is no matter of this.
    """
    criteria = job.config.get("TuningJobCompletionCriteria") or {}
    objective = job.definitions[0].objective
    if job.deadline is not None and now >= job.deadline:
        return "MaxRuntimeInSeconds"
    target = criteria.get("TargetObjectiveMetricValue")
    best = tally.best_value(trials, objective)
    if target is not None and best is not None and objective.reached(best, target):
        return "TargetObjectiveMetricValue"
    patience = (criteria.get("BestObjectiveNotImproving") or {}).get("MaxNumberOfTrainingJobsNotImproving")
    if patience is not None and tally.not_improving(trials, objective) >= patience:
        return "BestObjectiveNotImproving"
    wished = (criteria.get("ConvergenceDetected") or {}).get("CompleteOnConvergence") == "Enabled"
    if wished and has_converged(job, trials):
        return "ConvergenceDetected"
    return None
