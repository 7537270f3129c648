"""Deployments from an endpoint configuration: what its models say is copied, as of now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.services.sagemaker.endpoint_configs.asynchronous import settings_of
from sagehen.services.sagemaker.endpoint_configs.components import is_host, scaling_of
from sagehen.services.sagemaker.endpoint_configs.records import EndpointConfigRecord
from sagehen.services.sagemaker.endpoints.endpoint import Container, Deployment, EndpointVariant, Serverless
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.models.records import (
    ModelRecord,
    ModelRecords,
    caches_models,
    data_layout,
    data_uri,
    is_multi_model,
)
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find

# Documented: Asynchronous inference, "payload sizes up to 1 GB"; the model server's own bound is lower.
MOST_BODY_BYTES = 2**30
MOST_BODY_VARIABLE = "SAGEHEN_MOST_BODY_BYTES"
# AWS's default quota is 20 instances across active endpoints (Service Quotas); here each endpoint has it.
MOST_INSTANCES = 20


def deployment_of_config(
    models: ModelRecords,
    config: EndpointConfigRecord,
    generation: int,
    now: datetime,
    resolved: Callable[[str], str],
) -> Deployment:
    """Return a configuration with everything its models say, as of now.

    Args:
        resolved: Returns the URI of an image by its digest.

    Raises:
        ValidationException: A model is gone.
        ResourceLimitExceeded: More instances than an endpoint may have.
    """
    asynchronous = config.request.get("AsyncInferenceConfig") or {}
    variants = tuple(
        _asynchronous(_variant(models, config, variant, resolved), asynchronous)
        for variant in config.production_variants
    )
    shadows = (_variant(models, config, variant, resolved) for variant in config.shadow_variants)
    variants += tuple(replace(variant, shadow=True) for variant in shadows)
    require_quota((), variants)
    capture = config.request.get("DataCaptureConfig") or {}
    return Deployment(generation, config.name, now.timestamp(), variants, capture, asynchronous)


def require_quota(before: Sequence[EndpointVariant], after: Sequence[EndpointVariant]) -> None:
    """Check how many instances an endpoint is to have; to have fewer than before is always allowed.

    Raises:
        ResourceLimitExceeded: Too many.
    """
    had, wanted = _by_type(before), _by_type(after)
    for instance_type, count in wanted.items():
        if count > max(MOST_INSTANCES, had[instance_type]):
            used = had[instance_type]
            raise quotas.exceeded(instance_type, quotas.ENDPOINT, MOST_INSTANCES, used, count - used)


def _by_type(variants: Sequence[EndpointVariant]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for variant in variants:
        counts[variant.instance_type] += variant.desired_count
    return counts


def _variant(
    models: ModelRecords,
    config: EndpointConfigRecord,
    variant: Mapping[str, Any],
    resolved: Callable[[str], str],
) -> EndpointVariant:
    if is_host(variant):
        return _host(config, variant)
    model = models.get(config.scope, variant["ModelName"])
    if model is None:
        raise could_not_find("model", arns.model_arn(config.scope, variant["ModelName"]))
    return served(model, variant, resolved)


def served(model: ModelRecord, variant: Mapping[str, Any], resolved: Callable[[str], str]) -> EndpointVariant:
    """Return what a model says of a variant that serves it, as of now."""
    container = model.containers[0]
    serverless = _serverless(variant.get("ServerlessConfig"))
    size = (
        variant.get("InstanceType")
        if serverless is None
        else instance_limits.serverless(serverless.memory_mb)
    )
    return EndpointVariant(
        name=variant["VariantName"],
        model_name=model.name,
        instance_type=size or "",
        desired_count=variant.get("InitialInstanceCount", 0),
        weight=variant.get("InitialVariantWeight", 1.0),
        image=container["Image"],
        role_arn=model.execution_role_arn or "",
        model_data=data_uri(container),
        model_layout=data_layout(container),
        environment=dict(container.get("Environment") or {}),
        network_isolation=model.network_isolation,
        in_vpc=bool(model.request.get("VpcConfig")),
        startup_timeout_s=float(variant.get("ContainerStartupHealthCheckTimeoutInSeconds") or 240),
        download_timeout_s=float(variant.get("ModelDataDownloadTimeoutInSeconds") or 3600),
        routing_config=dict(variant.get("RoutingConfig") or {}),
        multi_model=is_multi_model(container),
        caches_models=caches_models(container),
        resolved_image=resolved(container["Image"]),
        serverless=serverless,
        containers=_containers(model.containers, resolved) if len(model.containers) > 1 else (),
        is_direct=(model.request.get("InferenceExecutionConfig") or {}).get("Mode") == "Direct",
    )


def _host(config: EndpointConfigRecord, variant: Mapping[str, Any]) -> EndpointVariant:
    scaling = scaling_of(variant)
    return EndpointVariant(
        name=variant["VariantName"],
        model_name="",
        instance_type=variant["InstanceType"],
        desired_count=variant.get("InitialInstanceCount", scaling.least if scaling else 1),
        weight=variant.get("InitialVariantWeight", 1.0),
        image="",
        role_arn=config.request["ExecutionRoleArn"],
        routing_config=dict(variant.get("RoutingConfig") or {}),
        instance_scaling=scaling,
    )


def _containers(
    definitions: Sequence[Mapping[str, Any]], resolved: Callable[[str], str]
) -> tuple[Container, ...]:
    """Return a model's containers, with names where they have none (documented: by their position)."""
    return tuple(
        Container(
            hostname=one.get("ContainerHostname") or f"container-{number}",
            image=one["Image"],
            model_data=data_uri(one),
            model_layout=data_layout(one),
            environment=dict(one.get("Environment") or {}),
            resolved_image=resolved(one["Image"]),
        )
        for number, one in enumerate(definitions, 1)
    )


def _serverless(config: Mapping[str, Any] | None) -> Serverless | None:
    if not config:
        return None
    provisioned = config.get("ProvisionedConcurrency") or 0
    return Serverless(config["MemorySizeInMB"], config["MaxConcurrency"], provisioned)


def _asynchronous(variant: EndpointVariant, config: Mapping[str, Any]) -> EndpointVariant:
    settings = settings_of(config)
    if settings is None:
        return variant
    environment = {**variant.environment, MOST_BODY_VARIABLE: str(MOST_BODY_BYTES)}
    return replace(variant, concurrency=settings.concurrency, environment=environment)


def retained(fresh: Deployment, live: Deployment, request: Mapping[str, Any]) -> Deployment:
    """Return `fresh` with the live variants' counts and weights, and the live data capture, where
    RetainAllVariantProperties asks so.
    """
    if not request.get("RetainAllVariantProperties"):
        return fresh
    excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties") or ()}
    if "DataCaptureConfig" not in excluded:
        fresh = replace(fresh, data_capture=live.data_capture)
    for variant in fresh.variants:
        before = live.variant(variant.name)
        if before is None:
            continue
        if "DesiredInstanceCount" not in excluded and variant.serverless is None:
            variant = replace(variant, desired_count=before.desired_count)
        if "DesiredWeight" not in excluded:
            variant = replace(variant, weight=before.weight)
        fresh = fresh.with_variant(variant)
    return fresh


def with_room(fresh: Deployment, live: Deployment) -> Deployment:
    """Return `fresh` with as many instances as components have now, where they are scaled for these."""
    for variant in fresh.variants:
        before, scaling = live.variant(variant.name), variant.instance_scaling
        if before is not None and scaling is not None:
            count = min(max(variant.desired_count, before.desired_count), scaling.most)
            fresh = fresh.with_variant(replace(variant, desired_count=count))
    return fresh
