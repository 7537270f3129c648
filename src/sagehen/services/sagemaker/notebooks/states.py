"""Which operation may be asked for in which state, and AWS's words where it may not. Pure.

Pending -> InService | Failed       InService -> Stopping -> Stopped
Stopped | Failed -> Pending         (StartNotebookInstance)
Stopped | Failed -> Updating -> Stopped
Stopped | Failed -> Deleting -> gone
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance, Status

# Documented: the shape FailureReason.
_LONGEST_REASON = 1024


@dataclass(frozen=True, slots=True)
class Transition:
    """Into a state, from certain others."""

    to: Status
    allowed: tuple[Status, ...]


START = Transition("Pending", ("Stopped", "Failed"))
STOP = Transition("Stopping", ("InService",))
UPDATE = Transition("Updating", ("Stopped", "Failed"))
DELETE = Transition("Deleting", ("Stopped", "Failed"))


def begun(instance: NotebookInstance, transition: Transition, now: datetime) -> NotebookInstance:
    """Return the record after an operation was accepted.

    Raises:
        ValidationException: The state is not one that it can be asked for in.
    """
    if instance.status not in transition.allowed:
        # Recorded for Start and Stop (aws/amazon-sagemaker-examples issues 1094 and 1798) and for Stop and
        # Failed (hashicorp/terraform-provider-aws issue 16767); for Update from memory.
        raise ValidationException(
            f"Status ({instance.status}) not in ([{', '.join(transition.allowed)}]). "
            f"Unable to transition to ({transition.to}) for Notebook Instance ({instance.arn})."
        )
    return replace(instance, status=transition.to, modified_at=now, failure_reason="")


def in_service(instance: NotebookInstance) -> NotebookInstance:
    """Return the record once its server answers."""
    if instance.status not in ("Pending", "InService"):
        return instance
    return replace(instance, status="InService", was_set_up=True, failure_reason="")


def stopped(instance: NotebookInstance) -> NotebookInstance:
    """Return the record when nothing of it runs any more, or when its update has taken effect."""
    return replace(instance, status="Stopped") if instance.status in ("Stopping", "Updating") else instance


def failed(instance: NotebookInstance, reason: str) -> NotebookInstance:
    """Return the record of one that does not come up, or cannot be kept up."""
    if instance.status in ("Deleting", "Stopping"):
        return instance
    return replace(instance, status="Failed", failure_reason=reason[:_LONGEST_REASON])
