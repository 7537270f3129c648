"""The errors of Object Lock: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.services.s3.errors import InvalidRequest


class InvalidBucketState(ServiceError):
    status = 409


class NoSuchObjectLockConfiguration(ServiceError):
    status = 404

    def __init__(self) -> None:
        super().__init__("The specified object does not have a ObjectLock configuration")


def no_object_lock() -> InvalidRequest:
    return InvalidRequest("Bucket is missing Object Lock Configuration")
