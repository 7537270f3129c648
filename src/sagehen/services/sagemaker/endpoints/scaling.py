"""Scaling: how the desired number of a variant's instances changes. Pure; the only place where it does.

UpdateEndpointWeightsAndCapacities comes in by `scaled`. The loop is poked, `plan.py` sees that
`desired_count` and the instances differ, and starts or stops some; when all are in service the endpoint is
InService again. Where new instances cannot start three times in a row, `reverted` takes the change back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.endpoint_configs.components import InstanceScaling
from sagehen.services.sagemaker.endpoint_configs.serverless import require_concurrency
from sagehen.services.sagemaker.endpoints.changes import REASON_CHARACTERS, require_in_service
from sagehen.services.sagemaker.endpoints.deployments.of_config import require_quota
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant


def scaled(endpoint: Endpoint, wanted: Sequence[Mapping[str, Any]], now: datetime) -> Endpoint:
    """Return the endpoint as it is once its weights and counts are to be others.

    Args:
        wanted: DesiredWeightsAndCapacities.

    Raises:
        ValidationException: It is not InService, has no such variant, or a count is zero and it is not
            asynchronous.
        ResourceLimitExceeded: More instances than an endpoint may have.
    """
    require_in_service(endpoint)
    assert endpoint.live is not None
    live = _with_weights_and_capacities(endpoint.live, wanted)
    require_quota(endpoint.live.variants, live.variants)
    return replace(endpoint, status="Updating", modified_at=now, live=live, failure_reason=None)


def reverted(endpoint: Endpoint, ready: Mapping[str, int], reason: str) -> Endpoint:
    """Return the endpoint once a change of counts is given up: each variant keeps what is in service.

    Args:
        ready: Instances in service by variant; a variant that is not named keeps its count.
        reason: FailureReason; the endpoint stays InService, as the instances that it had still serve.
    """
    live = endpoint.live
    if live is None:
        return endpoint
    for variant in live.variants:
        count = ready.get(variant.name, variant.desired_count)
        live = live.with_variant(replace(variant, desired_count=count))
    return replace(endpoint, live=live, status="InService", failure_reason=reason[:REASON_CHARACTERS])


def housed(endpoint: Endpoint, variant: str, count: int) -> Endpoint:
    """Return the endpoint with as many instances of a variant as its inference components need.

    It stays InService: components are what is deployed, and tell of themselves.

    Raises:
        ResourceLimitExceeded: More instances than an endpoint may have.
    """
    live = endpoint.live
    found = live.variant(variant) if live is not None else None
    if live is None or found is None or found.instance_scaling is None or endpoint.status == "Deleting":
        return endpoint
    changed = live.with_variant(replace(found, desired_count=count))
    require_quota(live.variants, changed.variants)
    return replace(endpoint, live=changed)


def _with_weights_and_capacities(live: Deployment, changes: Sequence[Mapping[str, Any]]) -> Deployment:
    for change in changes:
        variant = live.variant(change["VariantName"])
        if variant is None:
            raise ValidationException(
                f'The variant name(s) "{change["VariantName"]}" is/are not present within endpoint '
                f'configuration "{live.config_name}".'
            )
        if update := change.get("ServerlessUpdateConfig"):
            variant = _with_concurrency(variant, update)
        count = change.get("DesiredInstanceCount")
        if count is not None and variant.instance_scaling is not None:
            count = _within(count, variant.name, variant.instance_scaling)
        if count == 0 and not variant.concurrency and variant.instance_scaling is None:
            raise ValidationException("DesiredInstanceCount must be at least 1.")
        if count is not None and variant.serverless is not None:
            raise ValidationException(
                f"DesiredInstanceCount is not supported for the serverless variant {variant.name}."
            )
        weight = change.get("DesiredWeight")
        live = live.with_variant(
            replace(
                variant,
                desired_count=variant.desired_count if count is None else count,
                weight=variant.weight if weight is None else weight,
            )
        )
    return live


def _within(count: int, name: str, scaling: InstanceScaling) -> int:
    """Return a count that managed instance scaling allows. Refusal: from memory."""
    if not scaling.least <= count <= scaling.most:
        raise ValidationException(
            f"DesiredInstanceCount {count} of the variant {name} is not within ManagedInstanceScaling:"
            f" {scaling.least} to {scaling.most}."
        )
    return count


def _with_concurrency(variant: EndpointVariant, update: Mapping[str, Any]) -> EndpointVariant:
    """Return a serverless variant with another concurrency. Refusals: from memory."""
    serverless = variant.serverless
    if serverless is None:
        raise ValidationException(f"The variant {variant.name} is not serverless.")
    serverless = replace(
        serverless,
        most=update.get("MaxConcurrency") or serverless.most,
        provisioned=serverless.provisioned
        if update.get("ProvisionedConcurrency") is None
        else update["ProvisionedConcurrency"],
    )
    require_concurrency(serverless.most, serverless.provisioned)
    return replace(variant, serverless=serverless)
