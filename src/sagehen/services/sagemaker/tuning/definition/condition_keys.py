"""SageMaker's condition keys of a tuning job that is to be made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.resources.condition_keys import Keys
from sagehen.services.sagemaker.training.requests.condition_keys import of_training_job
from sagehen.services.sagemaker.tuning.definition.definition import resources_of


def of_tuning_job(request: Mapping[str, Any]) -> list[Keys]:
    """Return the keys of each of the request's definitions: its training jobs', and all must be allowed.

    How AWS judges several definitions is not documented; so no definition hides behind another.
    """
    single = request.get("TrainingJobDefinition")
    entries = [*([single] if single else ()), *(request.get("TrainingJobDefinitions") or ())]
    return [of_training_job({**entry, "ResourceConfig": _resources(entry)}) for entry in entries] or [{}]


def _resources(entry: Mapping[str, Any]) -> dict[str, Any]:
    flexible = entry.get("HyperParameterTuningResourceConfig") or {}
    return {**resources_of(entry), "InstanceGroups": flexible.get("InstanceConfigs")}
