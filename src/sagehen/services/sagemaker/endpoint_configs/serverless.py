"""What CreateEndpointConfig accepts of serverless variants. Pure checks.

What they do not support is documented (SageMaker Developer Guide, Deploy models with serverless inference:
feature exclusions); the words are from memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.endpoint_configs.capture import settings_of

# Documented: ProductionVariantServerlessConfig's model, in 1 GB increments.
_MEMORY_MB = range(1024, 6144 + 1, 1024)
_OF_INSTANCES = ("InstanceType", "InitialInstanceCount", "RoutingConfig")


def check(request: Mapping[str, Any]) -> None:
    """Check a request that has serverless variants; nothing of one that has none.

    Raises:
        ValidationException.
    """
    variants: Sequence[Mapping[str, Any]] = request["ProductionVariants"]
    if not any(variant.get("ServerlessConfig") for variant in variants):
        return
    if len(variants) > 1:
        raise ValidationException("Serverless endpoints do not support multiple production variants.")
    if settings_of(request.get("DataCaptureConfig")) is not None:
        raise ValidationException("DataCaptureConfig is not supported for serverless endpoints.")
    for member in ("AsyncInferenceConfig", "ShadowProductionVariants"):
        if request.get(member):
            raise ValidationException(f"{member} is not supported for serverless endpoints.")
    (variant,) = variants
    if given := [member for member in _OF_INSTANCES if variant.get(member) is not None]:
        raise ValidationException(f"{', '.join(given)} cannot be specified with ServerlessConfig.")
    config = variant["ServerlessConfig"]
    if config["MemorySizeInMB"] not in _MEMORY_MB:
        raise ValidationException(
            f"MemorySizeInMB {config['MemorySizeInMB']} is not valid: it must be one of "
            f"{', '.join(str(size) for size in _MEMORY_MB)}."
        )
    require_concurrency(config["MaxConcurrency"], config.get("ProvisionedConcurrency") or 0)


def check_model(request: Mapping[str, Any], containers: Sequence[Mapping[str, Any]]) -> None:
    """Check the model of a serverless variant.

    Args:
        request: CreateModel's.

    Raises:
        ValidationException.
    """
    if any(container.get("Mode") == "MultiModel" for container in containers):
        raise ValidationException("Multi-model is not supported for serverless endpoints.")
    if len(containers) > 1:
        raise ValidationException("Inference pipelines are not supported for serverless endpoints.")
    if request.get("VpcConfig"):
        raise ValidationException("VpcConfig is not supported for serverless endpoints.")
    if request.get("EnableNetworkIsolation"):
        raise ValidationException("Network isolation is not supported for serverless endpoints.")


def require_concurrency(most: int, provisioned: int) -> None:
    """Check a variant's concurrency. Documented: the model; what exceeds its ranges is refused before.

    Raises:
        ValidationException.
    """
    if provisioned > most:
        raise ValidationException("ProvisionedConcurrency must be less than or equal to MaxConcurrency.")
