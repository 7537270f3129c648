"""Deployments from an endpoint configuration: what its models say is copied, as of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.services.sagemaker.endpoint_configs.records import EndpointConfigRecord
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, EndpointVariant
from sagehen.services.sagemaker.models.records import ModelRecords, data_uri
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find


def deployment_of_config(
    models: ModelRecords, config: EndpointConfigRecord, generation: int, now: datetime
) -> Deployment:
    """Return a configuration with everything its models say, as of now.

    Raises:
        ValidationException: A model is gone.
    """
    variants = tuple(_variant(models, config, variant) for variant in config.production_variants)
    return Deployment(generation, config.name, now.timestamp(), variants)


def _variant(
    models: ModelRecords, config: EndpointConfigRecord, variant: Mapping[str, Any]
) -> EndpointVariant:
    model = models.get(config.scope, variant["ModelName"])
    if model is None:
        raise could_not_find("model", arns.model_arn(config.scope, variant["ModelName"]))
    container = model.containers[0]
    return EndpointVariant(
        name=variant["VariantName"],
        model_name=model.name,
        instance_type=variant["InstanceType"],
        desired_count=variant["InitialInstanceCount"],
        weight=variant.get("InitialVariantWeight", 1.0),
        image=container["Image"],
        role_arn=model.execution_role_arn or "",
        model_data=data_uri(container),
        environment=dict(container.get("Environment") or {}),
        network_isolation=model.network_isolation,
        startup_timeout_s=float(variant.get("ContainerStartupHealthCheckTimeoutInSeconds") or 240),
        download_timeout_s=float(variant.get("ModelDataDownloadTimeoutInSeconds") or 3600),
        routing_config=dict(variant.get("RoutingConfig") or {}),
    )


def retained(fresh: Deployment, live: Deployment, request: Mapping[str, Any]) -> Deployment:
    """Return `fresh` with the live variants' counts and weights where RetainAllVariantProperties asks so."""
    if not request.get("RetainAllVariantProperties"):
        return fresh
    excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties") or ()}
    for variant in fresh.variants:
        before = live.variant(variant.name)
        if before is None:
            continue
        if "DesiredInstanceCount" not in excluded:
            variant = replace(variant, desired_count=before.desired_count)
        if "DesiredWeight" not in excluded:
            variant = replace(variant, weight=before.weight)
        fresh = fresh.with_variant(variant)
    return fresh
