"""What CreateEndpointConfig accepts of variants, beyond the service model's own rules. Pure checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.endpoint_configs import asynchronous, components, serverless, shadows
from sagehen.services.sagemaker.endpoint_configs.capture import settings_of
from sagehen.serving.choice import RoutingStrategy

# Named as the service model names them, so that 501 says what to leave out.
_UNBUILT = (
    "KmsKeyId", "ExplainerConfig",
    "VpcConfig", "EnableNetworkIsolation", "MetricsConfig", "CrossRegionTrafficConfig",
)  # fmt: skip
_UNBUILT_IN_VARIANT = (
    "AcceleratorType", "CoreDumpConfig", "EnableSSMAccess",
    "InferenceAmiVersion", "CapacityReservationConfig", "InstancePools", "AcceleratorPartitionLayouts",
    "VariantInstanceProvisionTimeoutInSeconds", "VolumeSizeInGB",
)  # fmt: skip


def accepted_variants(request: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Check a request and return its variants, and its shadow variants, with AWS's defaults.

    Raises:
        NotImplementedOperation: A member whose effect is not built, by its name.
        ValidationException: Two variants of one name, or a place for captured data or answers that is
            no S3 URI.
    """
    components.check(request)
    serverless.check(request)
    _refuse_unbuilt(request)
    settings_of(request.get("DataCaptureConfig"))
    asynchronous.check(request)
    shadows.check(request)
    variants = [_completed(variant) for variant in request["ProductionVariants"]]
    shadow = [_completed(variant) for variant in request.get("ShadowProductionVariants") or ()]
    names = [variant["VariantName"] for variant in (*variants, *shadow)]
    if len(set(names)) != len(names):
        raise ValidationException("Duplicate variant names are not allowed in an endpoint configuration.")
    return variants, shadow


def _completed(variant: Mapping[str, Any]) -> dict[str, Any]:
    """Return a variant with AWS's defaults. Documented: ProductionVariant's model, a weight of 1.0."""
    return {"InitialVariantWeight": 1.0, **{k: v for k, v in variant.items() if v is not None}}


def _refuse_unbuilt(request: Mapping[str, Any]) -> None:
    given = [member for member in _UNBUILT if request.get(member)]
    for variant in (*request["ProductionVariants"], *(request.get("ShadowProductionVariants") or ())):
        given += [f"ProductionVariants.{member}" for member in _UNBUILT_IN_VARIANT if variant.get(member)]
        routing = variant.get("RoutingConfig") or {}
        if routing.get("PrefixAwareRoutingConfig"):
            given.append("ProductionVariants.RoutingConfig.PrefixAwareRoutingConfig")
        if (strategy := routing.get("RoutingStrategy", "RANDOM")) not in get_args(RoutingStrategy):
            given.append(f"ProductionVariants.RoutingConfig.RoutingStrategy {strategy}")
    if given:
        raise NotImplementedOperation(f"CreateEndpointConfig {', '.join(given)} is not implemented.")
