"""The errors of Object Lock: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.services.s3.errors.requests import InvalidRequest


class InvalidBucketState(ServiceError):
    """Versioning and Object Lock need each other: neither goes without or before the other."""

    status = 409


class NoSuchObjectLockConfiguration(ServiceError):
    """The version has no retention, or no hold, whichever was asked for."""

    status = 404

    def __init__(self) -> None:
        super().__init__("The specified object does not have a ObjectLock configuration")


def no_object_lock() -> InvalidRequest:
    """Return the refusal of locks in a bucket that was not made with Object Lock."""
    return InvalidRequest("Bucket is missing Object Lock Configuration")
