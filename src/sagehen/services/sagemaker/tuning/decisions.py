"""What a tuning job needs next: decide(record, trials, now) -> Action. No effects, no waiting.

`run.py` carries out one action and asks again; it is woken by its trials and by the deadline in `Wait`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.services.sagemaker.tuning import completion
from sagehen.services.sagemaker.tuning.job import TuningJob
from sagehen.services.sagemaker.tuning.trials.trial import Trial

# Recorded (aws/amazon-sagemaker-examples issue 2437) with these words.
_ATTEMPTS = 5
_NONE_SUCCEEDED = (
    f"No training job succeeded after {_ATTEMPTS} attempts. "
    "Please take a look at the training job failures to get more details."
)
# From memory.
_ALL_FAILED = (
    "All training jobs failed. Please take a look at the training jobs failures to get more details."
)
_NO_OBJECTIVE = (
    "No objective metrics found after running {} training jobs. Please ensure that the custom algorithm is"
    " emitting "
    "the objective metric as defined by the regular expression provided."
)


@dataclass(frozen=True, slots=True)
class Launch:
    """Start the next trial.

    Args:
        number: Of the trial, from 1.
        definition: Which of the definitions it is of.
    """

    number: int
    definition: int


@dataclass(frozen=True, slots=True)
class StopTrials:
    """Ask training jobs to stop."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conclude:
    """Record that a criterion is met: no more trials."""

    why: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Record the job's last state."""

    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before something happens, or before `until` (seconds since the epoch)."""

    until: float | None = None


Action = Launch | StopTrials | Conclude | Finish | Wait


def decide(job: TuningJob, trials: Sequence[Trial], now: float) -> Action:
    """Return the one next action for a tuning job that has not ended.

    Args:
        trials: In the order of their numbers.
    """
    active = [trial for trial in trials if not trial.ended]
    hopeless = _hopeless(trials)
    if job.stopping or job.ending or hopeless:
        running = tuple(trial.name for trial in active if trial.status == "InProgress")
        if running:
            return StopTrials(running)
        if active:
            return Wait()
        return _end(job, trials, hopeless)
    if why := completion.met(job, trials, now):
        return Conclude(why)
    if len(trials) >= job.max_trials:
        return Wait(job.deadline) if active else _end(job, trials, None)
    if len(active) < job.max_parallel:
        return Launch(len(trials) + 1, _definition_of(job, len(trials)))
    return Wait(job.deadline)


def _definition_of(job: TuningJob, begun: int) -> int:
    """Return the definition of the next trial: they take turns; of a grid, one after the other.

    How AWS divides trials among definitions is not documented.
    """
    if job.strategy != "Grid":
        return begun % len(job.definitions)
    for definition in job.definitions:
        begun -= definition.space.combinations or 1
        if begun < 0:
            return definition.number
    return len(job.definitions) - 1


def _hopeless(trials: Sequence[Trial]) -> str | None:
    """Return why going on is of no use: the first trials brought nothing at all."""
    ended = [trial for trial in trials if trial.ended]
    if len(ended) < _ATTEMPTS or any(trial.objective is not None for trial in ended):
        return None
    if all(trial.status == "Failed" for trial in ended):
        return _NONE_SUCCEEDED
    if sum(trial.status == "Completed" for trial in ended) >= _ATTEMPTS:
        return _NO_OBJECTIVE.format(len(ended))
    return None


def _end(job: TuningJob, trials: Sequence[Trial], hopeless: str | None) -> Finish:
    if job.stopping:
        return Finish("Stopped")
    if hopeless:
        return Finish("Failed", hopeless)
    if any(trial.objective is not None for trial in trials) or job.ending:
        return Finish("Completed")
    if all(trial.status == "Failed" for trial in trials):
        return Finish("Failed", _ALL_FAILED)
    return Finish("Failed", _NO_OBJECTIVE.format(len(trials)))
