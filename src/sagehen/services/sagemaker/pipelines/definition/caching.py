"""CacheConfig: for how long a step's result may be used again, and what makes two steps the same. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid

# Documented (Turn on step caching): ISO 8601, and "30d", "5y", "T16m", "30dT5h".
_DURATION = re.compile(
    r"P?(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?\Z",
    re.IGNORECASE,
)
_DAY_S = 86_400.0
_SECONDS = (365 * _DAY_S, 30 * _DAY_S, 7 * _DAY_S, _DAY_S, 3600.0, 60.0, 1.0)
# Documented: Default cache key attributes by pipeline step type. Of the others all arguments count.
_ATTRIBUTES = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    # The page was not at hand for these: what a processing job's are, and all that the check is.
    "QualityCheck": ("AppSpecification", "Environment", "ProcessingInputs", "Check"),
    "ClarifyCheck": ("AppSpecification", "Environment", "ProcessingInputs", "Check"),
    "Training": (
        *("AlgorithmSpecification", "CheckpointConfig", "DebugHookConfig", "DebugRuleConfigurations"),
        *("Environment", "HyperParameters", "InputDataConfig"),
    ),
    "Tuning": ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions"),
}
_OF_DEFINITION = (
    *("AlgorithmSpecification", "HyperParameterRanges", "InputDataConfig", "StaticHyperParameters"),
    "TuningObjective",
)


def parse(step: str, given: Any) -> float | None:
    """Return for how many seconds results may be used again; None where they may not.

    Raises:
        Invalid
    """
    if given is None:
        return None
    if not isinstance(given, dict) or not given.keys() <= {"Enabled", "ExpireAfter"}:
        raise Invalid(f"Invalid CacheConfig of step '{step}'.")
    enabled, text = given.get("Enabled", False), given.get("ExpireAfter")
    if not isinstance(enabled, bool):
        raise Invalid(f"Invalid CacheConfig of step '{step}'.")
    if not enabled:
        return None
    match = _DURATION.match(text) if isinstance(text, str) else None
    if match is None or not any(match.groups()):
        raise Invalid(f"Invalid CacheConfig of step '{step}': ExpireAfter '{text}' is no ISO 8601 duration.")
    return sum(int(number or 0) * size for number, size in zip(match.groups(), _SECONDS, strict=True))


def key(kind: str, arguments: Mapping[str, Any]) -> str:
    """Return what is the same for two steps with the same arguments, as they are once they are evaluated."""
    names = _ATTRIBUTES.get(kind)
    told = {name: arguments[name] for name in names if name in arguments} if names else dict(arguments)
    told.pop("Tags", None)
    if isinstance(definition := told.get("TrainingJobDefinition"), dict):
        told["TrainingJobDefinition"] = {
            name: definition[name] for name in _OF_DEFINITION if name in definition
        }
    text = json.dumps([kind, told], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
