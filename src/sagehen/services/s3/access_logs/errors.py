"""Errors about server access logging."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class InvalidTargetBucketForLogging(ServiceError):
    """There is no such bucket, or it is another account's."""

    status = 400

    def __init__(self, message: str, bucket: str) -> None:
        super().__init__(message, TargetBucket=bucket)


class CrossLocationLoggingProhibitted(ServiceError):
    """AWS's spelling. Of a source in us-east-1 the location is not named."""

    status = 403

    def __init__(self, source: str, target: str) -> None:
        super().__init__(
            "Cross S3 location logging not allowed. ",
            SourceBucketLocation=None if source == "us-east-1" else source,
            TargetBucketLocation=target,
        )
