"""What happens to an endpoint's record, each as a function from the record to the record. Pure.

Creating ─ promoted ─> InService ─ updated, scaled ─> Updating ─ settled ─> InService
   └ rolled_back ─> Failed              Updating ─ rolled_back ─> RollingBack ─ settled ─> InService
                   (a rolling update's instances stay until the old ones are back: withdrawn)
InService, Failed ─ deleting ─> Deleting

Counts of instances change in `scaling.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.endpoints.deployments.of_config import retained, with_room
from sagehen.services.sagemaker.endpoints.deployments.rollout import is_rolling, share_of, strategy_of
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint

# Documented: DescribeEndpoint's model, FailureReason.
REASON_CHARACTERS = 1024


def require_in_service(endpoint: Endpoint) -> None:
    """Check that an endpoint may be changed: one change at a time, and none of what failed.

    Raises:
        ValidationException: It may not; the words are from memory.
    """
    if endpoint.status == "Failed":
        raise ValidationException(f'Cannot update endpoint "{endpoint.arn}" in Failed status.')
    if endpoint.status != "InService":
        raise _in_progress(endpoint)


def updated(
    endpoint: Endpoint, deployment: Deployment, request: Mapping[str, Any], now: datetime
) -> Endpoint:
    """Return the endpoint with a deployment that is to replace the live one.

    Args:
        deployment: Of the new configuration; it gets its generation here.
        request: UpdateEndpoint's input.

    Raises:
        ValidationException: It is not InService, the policy is odd, or it would become asynchronous or no
            longer be (the words are ours).
        NotImplementedOperation: A policy with a rollback in batches.
    """
    require_in_service(endpoint)
    assert endpoint.live is not None
    if deployment.hosts_components != endpoint.live.hosts_components:
        raise ValidationException(
            f'Cannot update endpoint "{endpoint.arn}": an endpoint that hosts inference components stays '
            "one, and no other becomes one."
        )
    # Who waits for an answer in a bucket, or in the request, would not get it.
    if bool(deployment.asynchronous) != bool(endpoint.live.asynchronous):
        raise ValidationException(
            f'Cannot update endpoint "{endpoint.arn}": an asynchronous endpoint stays one, '
            "and no other becomes one."
        )
    fresh = replace(deployment, generation=endpoint.last_generation + 1)
    kept_config = endpoint.deployment_config if request.get("RetainDeploymentConfig") else {}
    fresh = with_room(retained(fresh, endpoint.live, request), endpoint.live)
    config = request.get("DeploymentConfig") or kept_config
    strategy_of(config, fresh)
    return replace(
        endpoint,
        status="Updating",
        modified_at=now,
        pending=fresh,
        leaving=None,
        rollout_step=0,
        last_generation=fresh.generation,
        failure_reason=None,
        deployment_config=config,
    )


def deleting(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Return the endpoint once it is to be deleted.

    Raises:
        ValidationException: It is being created, updated or rolled back: people wait until it has Failed
            (github.com/aws/amazon-sagemaker-examples/issues/3432; the wording: from memory).
    """
    if endpoint.status not in ("InService", "Failed", "OutOfService"):
        raise _in_progress(endpoint)
    return replace(endpoint, status="Deleting", modified_at=now)


def advanced(endpoint: Endpoint, step: int, moment: float) -> Endpoint:
    """Return the endpoint whose pending deployment took a step of traffic at `moment` (epoch seconds)."""
    return replace(endpoint, rollout_step=step, rollout_at=moment)


def promoted(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint with its pending deployment live; an update goes on until old instances end."""
    if endpoint.pending is None:
        return endpoint
    return replace(
        endpoint,
        live=endpoint.pending,
        pending=None,
        rollout_step=0,
        status="InService" if endpoint.live is None else endpoint.status,
        failure_reason=None,
    )


def rolled_back(endpoint: Endpoint, reason: str) -> Endpoint:
    """Return the endpoint whose pending deployment is given up: without a live one it has failed.

    What a rolling update has brought up goes on serving its share until the old instances are back;
    blue/green has all old ones still, and goes back at once.
    """
    serves = is_rolling(endpoint.deployment_config) and share_of(endpoint) > 0
    return replace(
        endpoint,
        # A failed creation still tells what it tried.
        pending=endpoint.pending if endpoint.live is None else None,
        leaving=endpoint.pending if serves else None,
        rollout_step=endpoint.rollout_step if serves else 0,
        status="Failed" if endpoint.live is None else "RollingBack",
        failure_reason=reason[:REASON_CHARACTERS],
    )


def withdrawn(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint whose live deployment has all of its traffic back."""
    return replace(endpoint, leaving=None, rollout_step=0)


def settled(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint that is what it should be; a rollback's reason stays to be read."""
    return replace(endpoint, status="InService")


def interrupted(endpoint: Endpoint, reason: str) -> Endpoint:
    """Return the endpoint of which a change ends because of a fault of ours; it goes on with what it has."""
    return replace(endpoint, status="InService", failure_reason=reason)


def _in_progress(endpoint: Endpoint) -> ValidationException:
    return ValidationException(f'Cannot update in-progress endpoint "{endpoint.arn}".')
