"""What DescribeEndpoint and ListEndpoints tell of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant
from sagehen.services.sagemaker.resources.rows import moment


def describe(
    endpoint: Endpoint, ready: Mapping[str, int], pending_ready: Mapping[str, int]
) -> dict[str, Any]:
    """Return DescribeEndpoint's output.

    Args:
        ready: Instances in service, by variant, of the deployment shown.
        pending_ready: Likewise of the one that is to replace it.
    """
    description: dict[str, Any] = {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointStatus": endpoint.status,
        "CreationTime": endpoint.created_at,
        "LastModifiedTime": endpoint.modified_at,
    }
    # The one in service until the switch, also while an update comes up beside it.
    shown = endpoint.shown
    if shown is not None:
        description["EndpointConfigName"] = shown.config_name
        description["ProductionVariants"] = [
            _variant(endpoint, shown, variant, ready.get(variant.name, 0)) for variant in shown.production
        ]
        if shown.shadows:
            description["ShadowProductionVariants"] = [
                _variant(endpoint, shown, variant, ready.get(variant.name, 0)) for variant in shown.shadows
            ]
        if shown.data_capture:
            description["DataCaptureConfig"] = _capture(endpoint, shown)
        if shown.asynchronous:
            description["AsyncInferenceConfig"] = shown.asynchronous
    if endpoint.failure_reason:
        description["FailureReason"] = endpoint.failure_reason
    if endpoint.deployment_config:
        description["LastDeploymentConfig"] = endpoint.deployment_config
    if endpoint.live is not None and endpoint.pending is not None:
        pending = endpoint.pending
        summary: dict[str, Any] = {
            "EndpointConfigName": pending.config_name,
            "StartTime": moment(pending.created_at),
            "ProductionVariants": [
                _pending(endpoint, pending, v, pending_ready.get(v.name, 0)) for v in pending.production
            ],
        }
        if pending.shadows:
            summary["ShadowProductionVariants"] = [
                _pending(endpoint, pending, v, pending_ready.get(v.name, 0)) for v in pending.shadows
            ]
        description["PendingDeploymentSummary"] = summary
    return description


def summary(endpoint: Endpoint) -> dict[str, Any]:
    """Return one entry of ListEndpoints."""
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": endpoint.created_at,
        "LastModifiedTime": endpoint.modified_at,
        "EndpointStatus": endpoint.status,
    }


def _capture(endpoint: Endpoint, deployment: Deployment) -> dict[str, Any]:
    """Return DataCaptureConfigSummary: Stopped where it is off, or there is no traffic yet or any more."""
    config = deployment.data_capture
    enabled = config.get("EnableCapture") is not False
    serves = endpoint.live is not None and endpoint.status not in ("Failed", "Deleting")
    summary = {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled and serves else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
    }
    # From memory: without a key AWS says an empty text.
    return summary | {"KmsKeyId": config.get("KmsKeyId") or ""}


def _variant(
    endpoint: Endpoint, deployment: Deployment, variant: EndpointVariant, ready: int
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "VariantName": variant.name,
        **_images(deployment, variant, pulled=ready > 0 or endpoint.live is not None),
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.weight,
        **_capacity(variant, ready),
    }
    # Documented: ProductionVariantStatus; a variant that is only being repaired has none.
    status = {"Creating": "Creating", "Deleting": "Deleting"}.get(endpoint.status)
    if variant.serverless is not None:
        if endpoint.status == "Updating":
            described["DesiredServerlessConfig"] = variant.serverless.described()
    elif endpoint.status == "Updating" and endpoint.pending is None and ready != variant.desired_count:
        status = "Updating"
    if status is not None:
        described["VariantStatus"] = [{"Status": status, "StartTime": endpoint.modified_at}]
    if variant.routing_config:
        described["RoutingConfig"] = variant.routing_config
    return described | _scaling(variant)


def _pending(
    endpoint: Endpoint, deployment: Deployment, variant: EndpointVariant, ready: int
) -> dict[str, Any]:
    baking = endpoint.rollout_step > 0
    started = endpoint.rollout_at if baking else deployment.created_at
    return {
        "VariantName": variant.name,
        **_images(deployment, variant, pulled=ready > 0),
        "DesiredWeight": variant.weight,
        **({} if variant.serverless else {"InstanceType": variant.instance_type}),
        **_capacity(variant, ready),
        **_scaling(variant),
        "VariantStatus": [{"Status": "Baking" if baking else "Creating", "StartTime": moment(started)}],
    }


def _scaling(variant: EndpointVariant) -> dict[str, Any]:
    return (
        {"ManagedInstanceScaling": variant.instance_scaling.described()} if variant.instance_scaling else {}
    )


def _capacity(variant: EndpointVariant, ready: int) -> dict[str, Any]:
    if variant.serverless is None:
        return {"CurrentInstanceCount": ready, "DesiredInstanceCount": variant.desired_count}
    # Seen in what people print of their serverless endpoints (from memory).
    return {"CurrentInstanceCount": 0, "CurrentServerlessConfig": variant.serverless.described()}


def _images(
    deployment: Deployment, variant: EndpointVariant, *, pulled: bool
) -> dict[str, list[dict[str, Any]]]:
    """Return DeployedImages; digests once an instance was let pull them, as they may be another account's."""
    images = [
        {
            "SpecifiedImage": one.image,
            "ResolvedImage": (one.resolved_image if pulled else "") or one.image,
            "ResolutionTime": moment(deployment.created_at),
        }
        for one in variant.each()
    ]
    return {"DeployedImages": images} if images else {}
