"""What a request makes of an endpoint's deployments: from a configuration, from new weights and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, EndpointVariant
from sagehen.services.sagemaker.models.records import EndpointConfigRecord, Records
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.errors import could_not_find


def deployment_of_config(
    records: Records, config: EndpointConfigRecord, generation: int, now: datetime
) -> Deployment:
    """Return a configuration with everything its models say, as of now.

    Raises:
        ValidationException: A model is gone.
    """
    variants = tuple(_variant(records, config, variant) for variant in config.production_variants)
    return Deployment(generation, config.name, now.timestamp(), variants)


def _variant(records: Records, config: EndpointConfigRecord, variant: Mapping[str, Any]) -> EndpointVariant:
    model = records.get_model(config.scope, variant["ModelName"])
    if model is None:
        raise could_not_find("model", arns.model_arn(config.scope, variant["ModelName"]))
    container = model.containers[0]
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    return EndpointVariant(
        name=variant["VariantName"],
        model_name=model.name,
        instance_type=variant["InstanceType"],
        desired_count=variant["InitialInstanceCount"],
        weight=variant.get("InitialVariantWeight", 1.0),
        image=container["Image"],
        role_arn=model.execution_role_arn or "",
        model_data=source.get("S3Uri") or container.get("ModelDataUrl"),
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


def with_weights_and_capacities(live: Deployment, changes: Sequence[Mapping[str, Any]]) -> Deployment:
    """Return the deployment with the asked weights and counts.

    Raises:
        ValidationException: A variant that it has not, or a count of zero.
    """
    for change in changes:
        variant = live.variant(change["VariantName"])
        if variant is None:
            raise ValidationException(
                f'The variant name(s) "{change["VariantName"]}" is/are not present within endpoint '
                f'configuration "{live.config_name}".'
            )
        if change.get("ServerlessUpdateConfig"):
            raise NotImplementedOperation("ServerlessUpdateConfig is not implemented.")
        count = change.get("DesiredInstanceCount")
        if count == 0:
            raise ValidationException("DesiredInstanceCount must be at least 1.")
        weight = change.get("DesiredWeight")
        live = live.with_variant(
            replace(
                variant,
                desired_count=variant.desired_count if count is None else count,
                weight=variant.weight if weight is None else weight,
            )
        )
    return live
