"""What happens to a component's record, each as a function from the record to the record. Pure.

Creating ─ settled ─> InService ─ updated, recounted ─> Updating ─ promoted, settled ─> InService
   └ failed ─> Failed                Updating ─ rolled_back, reverted ─> InService, with a reason
InService, Failed ─ deleting ─> Deleting
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.endpoints.changes import REASON_CHARACTERS
from sagehen.services.sagemaker.inference_components.component import InferenceComponent, Revision
from sagehen.services.sagemaker.inference_components.planning.rollout import batches_of
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded

# Ours: what a sandbox each costs a machine, long before AWS's own limit, which it does not publish.
MOST_COPIES = 100


def require_count(copies: int) -> None:
    """Check CopyCount.

    Raises:
        ResourceLimitExceeded.
    """
    if copies > MOST_COPIES:
        raise ResourceLimitExceeded(
            f"CopyCount {copies} is greater than {MOST_COPIES}, the most copies of an inference component."
        )


def updated(
    component: InferenceComponent, revision: Revision | None, request: Mapping[str, Any], now: datetime
) -> InferenceComponent:
    """Return the component with a revision that is to replace the live one, or with another count alone.

    Args:
        revision: It gets its number here.
        request: UpdateInferenceComponent's input.

    Raises:
        ValidationException: It is not InService, or the policy is odd.
        ResourceLimitExceeded: Too many copies.
    """
    _require_in_service(component, "update")
    copies = (request.get("RuntimeConfig") or {}).get("CopyCount", component.copies)
    require_count(copies)
    config = request.get("DeploymentConfig") or {}
    batches = batches_of(config, copies)
    changed = replace(
        component,
        status="Updating",
        modified_at=now,
        copies=copies,
        copies_before=component.copies,
        failure_reason=None,
        deployment_config=config,
        moved=0,
        moved_at=0.0,
    )
    if revision is None:
        return changed
    number = component.last_number + 1
    return replace(
        changed,
        pending=replace(revision, number=number),
        last_number=number,
        moved=min(batches.size, copies),
    )


def recounted(component: InferenceComponent, copies: int, now: datetime) -> InferenceComponent:
    """Return the component that is to have another number of copies.

    Raises:
        ValidationException: It is not InService.
        ResourceLimitExceeded: Too many.
    """
    _require_in_service(component, "update")
    require_count(copies)
    return replace(
        component,
        status="Updating",
        modified_at=now,
        copies=copies,
        copies_before=component.copies,
        failure_reason=None,
    )


def deleting(component: InferenceComponent, now: datetime) -> InferenceComponent:
    """Return the component once it is to be deleted.

    Raises:
        ValidationException: It is being created or changed (recorded: AWS refuses both).
    """
    if component.status not in ("InService", "Failed"):
        raise _in_progress(component, "delete")
    return replace(component, status="Deleting", modified_at=now, pending=None, leaving=None)


def failed(component: InferenceComponent, reason: str) -> InferenceComponent:
    """Return the component that never came into service."""
    return replace(component, status="Failed", failure_reason=reason[:REASON_CHARACTERS])


def settled(component: InferenceComponent) -> InferenceComponent:
    """Return the component that is what it should be; a rollback's reason stays to be read."""
    return replace(component, status="InService", leaving=None)


def advanced(component: InferenceComponent, moved: int) -> InferenceComponent:
    """Return the component of which so many copies are to be the pending revision's."""
    return replace(component, moved=moved, moved_at=0.0)


def baking(component: InferenceComponent, moment: float) -> InferenceComponent:
    """Return the component whose batch came into service at `moment` (epoch seconds)."""
    return replace(component, moved_at=moment)


def promoted(component: InferenceComponent) -> InferenceComponent:
    """Return the component with its pending revision live."""
    if component.pending is None:
        return component
    return replace(component, live=component.pending, pending=None, moved=0, moved_at=0.0)


def rolled_back(component: InferenceComponent, reason: str) -> InferenceComponent:
    """Return the component whose pending revision is given up; what it has serves until the live one does."""
    return replace(
        component,
        pending=None,
        leaving=component.pending,
        copies=component.copies_before,
        moved=0,
        moved_at=0.0,
        failure_reason=reason[:REASON_CHARACTERS],
    )


def reverted(component: InferenceComponent, ready: int, reason: str) -> InferenceComponent:
    """Return the component that keeps the copies which serve, as others cannot be had."""
    reason = component.failure_reason if component.leaving and component.failure_reason else reason
    return replace(
        component,
        status="InService",
        copies=ready,
        leaving=None,
        failure_reason=reason[:REASON_CHARACTERS],
    )


def _require_in_service(component: InferenceComponent, verb: str) -> None:
    if component.status == "Failed":  # wording: from memory
        raise ValidationException(f'Cannot {verb} inference component "{component.arn}" in Failed status.')
    if component.status != "InService":
        raise _in_progress(component, verb)


def _in_progress(component: InferenceComponent, verb: str) -> ValidationException:
    """Return AWS's answer while something goes on.

    Recorded in public, in a skill for deployments of Hugging Face models and a test suite of stdapi.ai:
    "while it is in state UPDATE_RC_IN_PROGRESS".
    """
    states = {"Creating": "CREATE_IN_PROGRESS", "Deleting": "DELETE_IN_PROGRESS"}
    updating = "UPDATE_IN_PROGRESS" if component.pending else "UPDATE_RC_IN_PROGRESS"
    state = states.get(component.status, updating)
    return ValidationException(
        f'Cannot {verb} inference component "{component.arn}" while it is in state {state}.'
    )
