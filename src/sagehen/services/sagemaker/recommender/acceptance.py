"""What CreateInferenceRecommendationsJob accepts, beyond the service model's own rules. Pure checks.

A member that has no effect here is refused with 501 by its name. The words are from memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.executors.hardware import instance_types
from sagehen.services.sagemaker.instances.variables import require_variables
from sagehen.services.sagemaker.recommender.traffic import MOST_USERS
from sagehen.services.sagemaker.transfers import uris

_PERCENTILE = re.compile(r"P(\d{1,2}(\.\d+)?)\Z")
# Documented: an Advanced job lasts two hours where nothing else is said, and no longer than a week here.
_LONGEST_S = 7 * 86_400


def check(request: Mapping[str, Any]) -> None:
    """Check a request.

    Raises:
        ValidationException: A rule of AWS's is broken.
        NotImplementedOperation: A member whose effect is not built.
    """
    given = request["InputConfig"]
    if unbuilt := list(_unbuilt(request, given)):
        raise NotImplementedOperation(
            f"CreateInferenceRecommendationsJob {', '.join(unbuilt)} is not implemented."
        )
    if bool(given.get("ModelName")) == bool(given.get("ModelPackageVersionArn")):
        raise ValidationException("Exactly one of ModelName and ModelPackageVersionArn must be given.")
    is_default = request["JobType"] == "Default"
    if is_default and (only := [name for name in ("TrafficPattern", "ResourceLimit") if given.get(name)]):
        raise ValidationException(f"{', '.join(only)} must not be given for a Default job.")
    if not is_default and not given.get("EndpointConfigurations"):
        raise ValidationException("EndpointConfigurations is required for an Advanced job.")
    for configuration in given.get("EndpointConfigurations") or ():
        _check_configuration(configuration)
    container = given.get("ContainerConfig") or {}
    for name in container.get("SupportedInstanceTypes") or ():
        _check_type(name)
    if given.get("ModelName") and not (container.get("PayloadConfig") or {}).get("SamplePayloadUrl"):
        raise ValidationException(
            "ContainerConfig.PayloadConfig.SamplePayloadUrl is required with ModelName."
        )
    if uri := (container.get("PayloadConfig") or {}).get("SamplePayloadUrl"):
        uris.split(uri)
    kinds = (container.get("PayloadConfig") or {}).get("SupportedContentTypes") or ()
    for kind in (*kinds, *(container.get("SupportedResponseMIMETypes") or ())):
        if not kind.isascii() or not kind.isprintable():  # it becomes a header
            raise ValidationException(f"Invalid content type {kind!r}: it must be printable.")
    _check_traffic(given)
    for threshold in (request.get("StoppingConditions") or {}).get("ModelLatencyThresholds") or ():
        if not _PERCENTILE.match(threshold.get("Percentile", "P95")):
            raise ValidationException(f"Invalid Percentile {threshold['Percentile']}: it is such as P95.")


def _unbuilt(request: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    output = request.get("OutputConfig") or {}
    if output.get("KmsKeyId"):
        yield "OutputConfig.KmsKeyId"
    if output.get("CompiledOutputConfig"):
        yield "CompiledOutputConfig (SageMaker Neo)"
    for name in ("VolumeKmsKeyId", "VpcConfig", "Endpoints"):
        if given.get(name):
            yield f"InputConfig.{name}"


def _check_configuration(configuration: Mapping[str, Any]) -> None:
    if bool(configuration.get("InstanceType")) == bool(configuration.get("ServerlessConfig")):
        raise ValidationException("An endpoint configuration has an InstanceType or a ServerlessConfig.")
    if name := configuration.get("InstanceType"):
        _check_type(name)
    ranges = configuration.get("EnvironmentParameterRanges") or {}
    for one in ranges.get("CategoricalParameterRanges") or ():
        for value in one["Value"]:
            require_variables("EnvironmentParameterRanges", {one["Name"]: value})


def _check_type(name: str) -> None:
    if instance_types.lookup(name) is None:
        raise ValidationException(f"Instance type {name} is not supported.")


def _check_traffic(given: Mapping[str, Any]) -> None:
    pattern = given.get("TrafficPattern") or {}
    phases, stairs = pattern.get("Phases"), pattern.get("Stairs")
    if phases and stairs:
        raise ValidationException("TrafficPattern has Phases or Stairs, not both.")
    if pattern and not phases and not stairs:
        raise ValidationException("TrafficPattern needs Phases or Stairs.")
    kind = pattern.get("TrafficType")
    if kind and bool(stairs) != (kind == "STAIRS"):
        raise ValidationException(f"TrafficType {kind} does not go with what TrafficPattern has.")
    seconds = sum(phase.get("DurationInSeconds", 60) for phase in phases or ())
    if stairs:
        seconds = stairs.get("DurationInSeconds", 5) * stairs.get("NumberOfSteps", 1)
    if max(seconds, given.get("JobDurationInSeconds", 0)) > _LONGEST_S:
        raise ValidationException(f"A job lasts {_LONGEST_S} seconds at most.")
    if any(phase.get("InitialNumberOfUsers", 1) > MOST_USERS for phase in phases or ()):
        raise ValidationException(f"InitialNumberOfUsers is {MOST_USERS} at most.")
