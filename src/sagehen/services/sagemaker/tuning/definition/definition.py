"""One training job definition of a tuning job, and the training jobs that it makes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sagehen.services.sagemaker.tuning.definition.objective import Objective
from sagehen.services.sagemaker.tuning.definition.ranges import space_of
from sagehen.services.sagemaker.tuning.definition.space import Space

# What every training job of a tuning job is given beside its own (from memory; SDKs know and skip it).
OBJECTIVE_KEY = "_tuning_objective_metric"
# Members that CreateTrainingJob has under the same name.
_SHARED = (
    "AlgorithmSpecification", "RoleArn", "InputDataConfig", "VpcConfig", "OutputDataConfig",
    "StoppingCondition", "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining", "CheckpointConfig", "RetryStrategy", "Environment",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Definition:
    """What its training jobs have in common.

    Args:
        number: Its place among the tuning job's definitions, from 0.
        name: DefinitionName, where it has one.
        request: The HyperParameterTrainingJobDefinition as it came.
    """

    number: int
    name: str | None
    objective: Objective
    space: Space
    request: Mapping[str, Any] = field(repr=False)

    @property
    def static(self) -> dict[str, str]:
        """Hyperparameters that all its training jobs have, with the objective's name."""
        given: Mapping[str, str] = self.request.get("StaticHyperParameters") or {}
        return {**given, OBJECTIVE_KEY: self.objective.metric}

    def training_request(self, name: str, tuned: Mapping[str, str]) -> dict[str, Any]:
        """Return CreateTrainingJob's input for one of its training jobs."""
        shared = {member: self.request[member] for member in _SHARED if self.request.get(member) is not None}
        return {
            "TrainingJobName": name,
            **shared,
            "HyperParameters": {**self.static, **tuned},
            "ResourceConfig": resources_of(self.request),
        }


def resources_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ResourceConfig of a definition's training jobs, whichever member says it.

    Of InstanceConfigs the first is taken: documented, AllocationStrategy Prioritized goes down the list where
    capacity is missing, which here is the same for all.
    """
    flexible = request.get("HyperParameterTuningResourceConfig")
    if not flexible:
        return dict(request.get("ResourceConfig") or {})
    first = (flexible.get("InstanceConfigs") or [flexible])[0]
    members = ("InstanceType", "InstanceCount", "VolumeSizeInGB")
    found = {member: first[member] for member in members if member in first}
    if key := flexible.get("VolumeKmsKeyId"):
        found["VolumeKmsKeyId"] = key
    return found


def definitions_of(request: Mapping[str, Any]) -> tuple[Definition, ...]:
    """Return a request's definitions, in its order.

    Args:
        request: CreateHyperParameterTuningJob's input, whose members `acceptance` has found to be there.

    Raises:
        ValidationException: Its ranges are not as they must be.
    """
    config = request["HyperParameterTuningJobConfig"]
    entries: Sequence[Mapping[str, Any]] = request.get("TrainingJobDefinitions") or [
        request["TrainingJobDefinition"]
    ]
    return tuple(
        Definition(
            number,
            entry.get("DefinitionName"),
            Objective.of(entry.get("TuningObjective") or config["HyperParameterTuningJobObjective"]),
            space_of(entry.get("HyperParameterRanges") or config.get("ParameterRanges") or {}),
            entry,
        )
        for number, entry in enumerate(entries)
    )
