"""What CreateEndpointConfig accepts of variants that host inference components: those without a model. Pure.

Documented: SageMaker Developer Guide, Deploy models for real-time inference. Words are from memory where no
source is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.endpoint_configs.capture import settings_of as captured


@dataclass(frozen=True, slots=True)
class InstanceScaling:
    """ManagedInstanceScaling that is ENABLED.

    Args:
        least: MinInstanceCount.
        most: MaxInstanceCount.
    """

    least: int
    most: int

    def described(self) -> dict[str, Any]:
        """Return it as AWS's member."""
        return {"Status": "ENABLED", "MinInstanceCount": self.least, "MaxInstanceCount": self.most}


def is_host(variant: Mapping[str, Any]) -> bool:
    """Tell whether a variant has no model of its own, and hosts components."""
    return not variant.get("ModelName")


def scaling_of(variant: Mapping[str, Any]) -> InstanceScaling | None:
    """Return how a variant's instances are scaled; None where they are as many as it says."""
    config = variant.get("ManagedInstanceScaling") or {}
    if config.get("Status") != "ENABLED":
        return None
    least, first = config.get("MinInstanceCount"), variant.get("InitialInstanceCount") or 1
    # The model names no default of either; the SDK puts InitialInstanceCount in the place of the first.
    least = first if least is None else least
    return InstanceScaling(least, max(config.get("MaxInstanceCount") or first, first, least))


def check(request: Mapping[str, Any]) -> None:
    """Check a request that has such variants; of others, that it has no member that is for them alone.

    Raises:
        ValidationException.
        NotImplementedOperation: Members whose effect is not built.
    """
    variants: Sequence[Mapping[str, Any]] = request["ProductionVariants"]
    hosts = [variant for variant in variants if is_host(variant)]
    if not hosts:
        _check_models(request, variants)
        return
    if len(hosts) < len(variants):
        raise ValidationException("Either all production variants have a ModelName, or none has.")
    if not request.get("ExecutionRoleArn"):
        # Recorded: AWS refuses without (github.com/stdapi-ai/stdapi.ai/issues/43).
        raise ValidationException("ExecutionRoleArn is required for production variants without a ModelName.")
    for member in ("AsyncInferenceConfig", "ShadowProductionVariants"):
        if request.get(member):
            raise ValidationException(f"{member} is not supported for variants without a ModelName.")
    if captured(request.get("DataCaptureConfig")) is not None:
        raise NotImplementedOperation(
            "CreateEndpointConfig DataCaptureConfig with inference components is not implemented."
        )
    for variant in hosts:
        _check_host(variant)


def _check_models(request: Mapping[str, Any], variants: Sequence[Mapping[str, Any]]) -> None:
    given = ["ExecutionRoleArn"] if request.get("ExecutionRoleArn") else []
    shadows = request.get("ShadowProductionVariants") or ()
    if any(variant.get("ManagedInstanceScaling") for variant in (*variants, *shadows)):
        given.append("ProductionVariants.ManagedInstanceScaling")
    if given:
        raise NotImplementedOperation(
            f"CreateEndpointConfig {', '.join(given)} of variants with a ModelName is not implemented."
        )


def _check_host(variant: Mapping[str, Any]) -> None:
    name = variant["VariantName"]
    if variant.get("ServerlessConfig"):
        raise ValidationException(f"ModelName is required for the serverless variant {name}.")
    config = variant.get("ManagedInstanceScaling") or {}
    policy = config.get("ScaleInPolicy") or {}
    if policy.get("Strategy", "IDLE_RELEASE") != "IDLE_RELEASE" or len(policy) > 1:
        raise NotImplementedOperation(
            "CreateEndpointConfig ManagedInstanceScaling.ScaleInPolicy is not implemented but for"
            " IDLE_RELEASE."
        )
    least, most = config.get("MinInstanceCount"), config.get("MaxInstanceCount")
    if least is not None and most is not None and least > most:
        raise ValidationException(
            f"MinInstanceCount {least} is greater than MaxInstanceCount {most} for variant {name}."
        )
