"""What CreateHyperParameterTuningJob accepts, beyond the service model's own rules. Pure checks.

Where no source is named the rule is documented (the model's texts; SageMaker Developer Guide, Automatic model
tuning) and the words are ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.images.algorithm_metrics import metric_definitions
from sagehen.services.sagemaker.images.mapping import Images
from sagehen.services.sagemaker.instances.variables import require_variables
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker.training.requests import acceptance as training_acceptance
from sagehen.services.sagemaker.transfers.channels.channel import Channel
from sagehen.services.sagemaker.tuning.definition.definition import OBJECTIVE_KEY, Definition, definitions_of
from sagehen.services.sagemaker.tuning.definition.space import Categorical
from sagehen.services.sagemaker.tuning.job import MOST_TRIALS, grid_size
from sagehen.services.sagemaker.tuning.stopping import hyperband

# Documented: Resource limits for automatic model tuning. Ours is what AWS can raise its 10 to.
MOST_PARALLEL = 100
MOST_METRICS = 20
# The shape HyperParameters.
_MOST_HYPERPARAMETERS = 100
_SAMPLE_NAME = "tuning-001-00000000"


def check(
    request: Mapping[str, Any], images: Images | None = None
) -> tuple[tuple[Definition, tuple[Channel, ...]], ...]:
    """Check a request; return its definitions and what channels each has.

    Raises:
        ValidationException: A rule of AWS's is broken.
        NotImplementedOperation: A member whose effect is not built, or an image that is not mapped.
        ResourceLimitExceeded: More at once than a tuning job may have.
    """
    _refuse_unbuilt(request)
    _check_members(request)
    definitions = definitions_of(request)
    for definition in definitions:
        check_definition(definition)
    _check_strategy(request, definitions)
    _check_limits(request["HyperParameterTuningJobConfig"], definitions)
    return tuple((definition, _check_training(definition, images)) for definition in definitions)


def _refuse_unbuilt(request: Mapping[str, Any]) -> None:
    given = ["Autotune"] if request.get("Autotune") else []
    config = request["HyperParameterTuningJobConfig"]
    ranges = [config.get("ParameterRanges") or {}]
    ranges += [entry.get("HyperParameterRanges") or {} for entry in _entries(request)]
    if any(each.get("AutoParameters") for each in ranges):
        given.append("ParameterRanges.AutoParameters")
    if given:
        raise NotImplementedOperation(f"CreateHyperParameterTuningJob {', '.join(given)} is not implemented.")


def _entries(request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    single = request.get("TrainingJobDefinition")
    return [*(request.get("TrainingJobDefinitions") or ()), *([single] if single else ())]


def _check_members(request: Mapping[str, Any]) -> None:
    """Check which members may stand beside which others."""
    several = request.get("TrainingJobDefinitions")
    if bool(several) == bool(request.get("TrainingJobDefinition")):
        raise ValidationException(
            "Exactly one of TrainingJobDefinition and TrainingJobDefinitions must be specified."
        )
    config = request["HyperParameterTuningJobConfig"]
    entries = _entries(request)
    for member, own in (
        ("HyperParameterTuningJobObjective", "TuningObjective"),
        ("ParameterRanges", "HyperParameterRanges"),
    ):
        shared = bool(config.get(member))
        if several and shared:
            raise ValidationException(
                f"{member} must be specified in each of TrainingJobDefinitions, as {own}, and not in "
                "HyperParameterTuningJobConfig."
            )
        for entry in entries:
            if bool(entry.get(own)) == shared:
                raise ValidationException(
                    f"Exactly one of {member} in HyperParameterTuningJobConfig and {own} in the training job "
                    "definition must be specified."
                )
    for entry in entries:
        if bool(entry.get("ResourceConfig")) == bool(entry.get("HyperParameterTuningResourceConfig")):
            raise ValidationException(
                "Exactly one of ResourceConfig and HyperParameterTuningResourceConfig must be specified."
            )
        _check_flexible(entry.get("HyperParameterTuningResourceConfig") or {})
    if several:
        _check_several(request, several)


def _check_flexible(resources: Mapping[str, Any]) -> None:
    single = [member for member in ("InstanceType", "InstanceCount", "VolumeSizeInGB") if member in resources]
    if resources.get("InstanceConfigs"):
        if single:
            raise ValidationException(
                f"{single[0]} must not be specified in HyperParameterTuningResourceConfig beside"
                " InstanceConfigs."
            )
    elif resources.get("AllocationStrategy"):
        raise ValidationException(
            "AllocationStrategy is specified in HyperParameterTuningResourceConfig without InstanceConfigs."
        )


def _check_several(request: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> None:
    names = [entry.get("DefinitionName") for entry in entries]
    if None in names:
        raise ValidationException("DefinitionName must be specified for each of TrainingJobDefinitions.")
    if len(set(names)) != len(names):
        raise ValidationException("DefinitionName must be unique among TrainingJobDefinitions.")
    if len({entry["TuningObjective"]["Type"] for entry in entries}) > 1:
        # Ours: the best of all definitions could not be told otherwise.
        raise ValidationException(
            "The TuningObjective of all TrainingJobDefinitions must be of the same Type."
        )
    # Documented: Create a hyperparameter optimization tuning job for one or more algorithms.
    if request.get("WarmStartConfig"):
        raise ValidationException("WarmStartConfig is available only when tuning a single algorithm.")
    if request["HyperParameterTuningJobConfig"].get("TrainingJobEarlyStoppingType") == "Auto":
        raise ValidationException("Early stopping is available only when tuning a single algorithm.")


def check_definition(definition: Definition) -> None:
    """Check what a definition says of its metrics and hyperparameters.

    Raises:
        ValidationException: A rule of AWS's is broken.
    """
    algorithm = definition.request["AlgorithmSpecification"]
    metrics = metric_definitions(algorithm, definition.static)
    if definition.objective.metric not in {metric["Name"] for metric in metrics}:
        # Recorded: aws/amazon-sagemaker-examples issue 1207, aws/sagemaker-python-sdk issue 3932.
        raise ValidationException(
            "A metric is required for this hyperparameter tuning job objective. "
            "Provide a metric in the metric definitions."
        )
    given = len(algorithm.get("MetricDefinitions") or ())  # what an algorithm declares itself does not count
    if given > MOST_METRICS:
        raise ValidationException(
            f"The number of metric definitions, {given}, exceeds the limit of {MOST_METRICS}."
        )
    tuned = {parameter.name for parameter in definition.space.parameters}
    if both := sorted(tuned & set(definition.static)):
        raise ValidationException(
            f"Hyperparameter {both[0]} is specified both in StaticHyperParameters and as a range to search."
            if both[0] != OBJECTIVE_KEY
            else f"Hyperparameter {OBJECTIVE_KEY} is reserved."
        )
    if len(tuned) + len(definition.static) > _MOST_HYPERPARAMETERS:
        raise ValidationException(
            f"The number of static and tunable hyperparameters exceeds the limit of {_MOST_HYPERPARAMETERS}."
        )


def _check_strategy(request: Mapping[str, Any], definitions: Sequence[Definition]) -> None:
    config = request["HyperParameterTuningJobConfig"]
    strategy = config["Strategy"]
    if strategy == "Grid":
        for definition in definitions:
            if not definition.space.is_categorical:
                raise ValidationException(
                    "Grid strategy supports categorical hyperparameters only. Provide"
                    " CategoricalParameterRanges."
                )
    if config.get("StrategyConfig") and strategy != "Hyperband":
        raise ValidationException("StrategyConfig is supported for the Hyperband strategy only.")
    if strategy == "Hyperband":
        if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
            raise ValidationException("TrainingJobEarlyStoppingType must be Off for the Hyperband strategy.")
        for definition in definitions:
            hyperband.resources_of(config, definition)
    if request.get("WarmStartConfig") and strategy not in ("Bayesian", "Random"):
        raise ValidationException(f"WarmStartConfig is not supported for the {strategy} strategy.")


def _check_limits(config: Mapping[str, Any], definitions: Sequence[Definition]) -> None:
    limits = config["ResourceLimits"]
    most = limits.get("MaxNumberOfTrainingJobs")
    if limits["MaxParallelTrainingJobs"] > MOST_PARALLEL:
        raise _over("Number of parallel training jobs per hyperparameter tuning job", MOST_PARALLEL)
    target = (config.get("TuningJobCompletionCriteria") or {}).get("TargetObjectiveMetricValue")
    if target is not None and not math.isfinite(target):
        raise ValidationException("TargetObjectiveMetricValue must be a finite number.")
    combinations = [definition.space.combinations for definition in definitions]
    if config["Strategy"] == "Grid":
        total = grid_size(definitions)
        if total > MOST_TRIALS:
            raise _over("Number of training jobs per hyperparameter tuning job", MOST_TRIALS)
        if most not in (None, total):
            raise ValidationException(
                f"MaxNumberOfTrainingJobs, [{most}], must be equal to the number of hyperparameter"
                " combinations of "
                f"the Grid strategy, [{total}]."
            )
        return
    if most is None and not _ends_otherwise(config):
        raise ValidationException(
            "MaxNumberOfTrainingJobs must be specified in ResourceLimits, or another completion criterion."
        )
    if most is not None and most > MOST_TRIALS:
        raise _over("Number of training jobs per hyperparameter tuning job", MOST_TRIALS)
    known = [count for count in combinations if count is not None]
    if most is not None and len(known) == len(combinations) and sum(known) < most:
        # Recorded: aws/amazon-sagemaker-operator-for-k8s issue 123.
        raise ValidationException(
            "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter "
            f"combinations for the provided ranges [{float(sum(known))}] must be equal or greater than the"
            " value of "
            f"MaxNumberOfJobs, [{most}]. Provide additional ranges."
        )


def _ends_otherwise(config: Mapping[str, Any]) -> bool:
    criteria = config.get("TuningJobCompletionCriteria") or {}
    return bool(
        config["ResourceLimits"].get("MaxRuntimeInSeconds")
        or criteria.get("TargetObjectiveMetricValue") is not None
        or criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
        or criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled"
    )


def _over(what: str, limit: int) -> ResourceLimitExceeded:
    # The beginning as it is recorded of other limits.
    return ResourceLimitExceeded(
        f"The account-level service limit '{what}' is {limit}. "
        "Please use AWS Service Quotas to request an increase for this quota."
    )


def _check_training(definition: Definition, images: Images | None) -> tuple[Channel, ...]:
    """Let the room of training jobs judge what it will be given."""
    for parameter in definition.space.parameters:
        if isinstance(parameter, Categorical):  # the sample below has one of its values only
            for value in parameter.values:
                require_variables("CategoricalParameterRanges", {parameter.name: value})
    tuned = definition.space.texts([0.5] * len(definition.space.parameters))
    return training_acceptance.check(definition.training_request(_SAMPLE_NAME, tuned), images)
