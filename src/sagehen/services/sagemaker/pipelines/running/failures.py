"""Failures of attempts at a step, as retry policies tell them apart."""

from __future__ import annotations

from sagehen.services.sagemaker.pipelines.definition.retrying import CAPACITY, INTERNAL_ERROR, RESOURCE_LIMIT


class AttemptFailed(Exception):
    """An attempt at a step came to nothing.

    Args:
        exception: The exception type of retry policies; '' where there is none for it.
    """

    def __init__(self, reason: str, exception: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.exception = exception


def exception_of(reason: str, kind: str) -> str:
    """Return the exception type of a job's failure reason; '' where retry policies have none for it."""
    if reason.startswith("InternalServerError"):
        # Documented: tuning jobs retry within themselves, and are not retried for it.
        return "" if kind == "Tuning" else INTERNAL_ERROR
    if reason.startswith("CapacityError"):
        return CAPACITY
    return RESOURCE_LIMIT if reason.startswith("ResourceLimitExceeded") else ""
