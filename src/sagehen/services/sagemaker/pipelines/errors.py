"""What only pipelines answer."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.services.sagemaker.resources.errors import ResourceNotFound


class ConflictException(ServiceError):
    """Something goes on that stands in the way."""

    status = 400


def no_pipeline(arn: str) -> ResourceNotFound:
    """Return AWS's answer where there is no such pipeline (from memory)."""
    return ResourceNotFound(f"Pipeline '{arn}' does not exist.")


def no_execution(arn: str) -> ResourceNotFound:
    """Return AWS's answer where there is no such execution (from memory)."""
    return ResourceNotFound(f"Pipeline execution '{arn}' does not exist.")
