"""WarmStartConfig: what a tuning job takes over from its parents, and whether it may. Pure.

Documented: SageMaker Developer Guide, Run a warm start hyperparameter tuning job. Where no source is named
the words are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.tuning.definition.definition import Definition
from sagehen.services.sagemaker.tuning.definition.space import Categorical
from sagehen.services.sagemaker.tuning.description import kept_summary
from sagehen.services.sagemaker.tuning.job import MOST_TRIALS, TuningJob
from sagehen.services.sagemaker.tuning.trials import tally
from sagehen.services.sagemaker.tuning.trials.trial import Trial

# Documented: changes of static values, and from tunable to static, together.
_MOST_CHANGES = 10

Parent = tuple[TuningJob, Sequence[Trial]]


def parent_names(request: Mapping[str, Any]) -> list[str]:
    """Return the names of a request's parents.

    Raises:
        ValidationException: One has no name, or is named twice.
    """
    entries = (request.get("WarmStartConfig") or {}).get("ParentHyperParameterTuningJobs") or ()
    names = [entry.get("HyperParameterTuningJobName") for entry in entries]
    if None in names:
        raise ValidationException("HyperParameterTuningJobName must be specified for each parent tuning job.")
    if len({name.lower() for name in names}) != len(names):
        raise ValidationException("The parent tuning jobs of WarmStartConfig must be unique.")
    return names


def started_from(job: TuningJob, parents: Sequence[Parent]) -> TuningJob:
    """Return a new tuning job with what its parents have found.

    Only their own training jobs count: documented, warm start is not recursive.

    Raises:
        ValidationException: They may not be its parents.
    """
    (definition,) = job.definitions
    for parent, _ in parents:
        _check(definition, job.request["WarmStartConfig"]["WarmStartType"], parent)
    total = job.max_trials + sum(len(trials) for _, trials in parents)
    if job.config["ResourceLimits"].get("MaxNumberOfTrainingJobs") and total > MOST_TRIALS:
        raise ValidationException(
            f"The training jobs of the parent tuning jobs and MaxNumberOfTrainingJobs, [{total}] together,"
            " exceed the "
            f"limit of {MOST_TRIALS}."
        )
    found = [
        ({**parent.definitions[0].static, **trial.tuned}, trial.objective)
        for parent, trials in parents
        for trial in trials
        if trial.objective is not None
    ]
    names = {parameter.name for parameter in definition.space.parameters}
    told = [
        ({name: text for name, text in texts.items() if name in names}, objective)
        for texts, objective in found
        if objective is not None
    ]
    return replace(job, parents=tuple(told), overall=_best_of(definition, parents))


def _best_of(definition: Definition, parents: Sequence[Parent]) -> dict[str, Any] | None:
    best: tuple[TuningJob, Trial] | None = None
    for parent, trials in parents:
        own = tally.best(trials, definition.objective)
        if own is not None and (best is None or tally.best((best[1], own), definition.objective) is own):
            best = parent, own
    return kept_summary(*best) if best else None


def _check(definition: Definition, kind: str, parent: TuningJob) -> None:
    name = parent.name
    if not parent.ended:
        raise ValidationException(
            f"Parent tuning job {name} is in status {parent.status}. Parent tuning jobs must be Completed,"
            " Stopped or "
            "Failed."
        )
    if len(parent.definitions) > 1:
        raise ValidationException(
            f"Parent tuning job {name} has more than one training job definition. WarmStartConfig is"
            " available only "
            "when tuning a single algorithm."
        )
    (theirs,) = parent.definitions
    if theirs.objective != definition.objective:
        raise ValidationException(
            f"The objective metric must be the same as that of the parent tuning job {name}."
        )
    if _names(theirs) != _names(definition):
        # Recorded: aws/amazon-sagemaker-examples issue 861.
        raise ValidationException(
            "The set of tunable plus static HyperParameter names is not the same across current and parent"
            " tuning "
            "jobs. Please ensure this set is constant when warm starting. Note that previously static "
            "HyperParameters can be tuned in warm start jobs and vice versa."
        )
    before = {parameter.name: type(parameter) for parameter in theirs.space.parameters}
    for parameter in definition.space.parameters:
        if before.get(parameter.name, type(parameter)) is not type(parameter):
            raise ValidationException(
                f"The type of hyperparameter {parameter.name} must not change from that of the parent"
                f" tuning job {name}."
            )
    if _changes(definition, theirs) > _MOST_CHANGES:
        raise ValidationException(
            "The changes from tunable to static hyperparameters and of static values must not be more than "
            f"{_MOST_CHANGES} from the parent tuning job {name}."
        )
    if kind == "IdenticalDataAndAlgorithm" and _data(theirs) != _data(definition):
        raise ValidationException(
            "WarmStartType IdenticalDataAndAlgorithm needs the input data and training image of the parent"
            " tuning job "
            f"{name}."
        )


def _names(definition: Definition) -> set[str]:
    return {*definition.static, *(parameter.name for parameter in definition.space.parameters)}


# SDKs upload the script anew for each job and write its place, its name and the like into these.
_OF_SDKS = "sagemaker_"


def _changes(definition: Definition, theirs: Definition) -> int:
    """Return how many changes count: a categorical that becomes static as many as it has values, a value
    two.
    """
    tunable = {parameter.name: parameter for parameter in theirs.space.parameters}
    changes = 0
    for name, value in definition.static.items():
        if name in tunable:
            parameter = tunable[name]
            changes += len(parameter.values) if isinstance(parameter, Categorical) else 1
        elif theirs.static.get(name) != value and not name.startswith(_OF_SDKS):
            changes += 2
    return changes


def _data(definition: Definition) -> object:
    algorithm = definition.request["AlgorithmSpecification"]
    channels = definition.request.get("InputDataConfig") or ()
    return algorithm.get("TrainingImage"), sorted(
        (channel["ChannelName"], str(channel["DataSource"])) for channel in channels
    )
