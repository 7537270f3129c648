"""Errors about parts of a bucket's configuration that were never put."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class _Absent(ServiceError):
    """A part of a bucket's configuration that was never put."""

    status = 404
    text = ""

    def __init__(self, bucket: str) -> None:
        super().__init__(self.text, BucketName=bucket)


class NoSuchBucketPolicy(_Absent):
    """GetBucketPolicy and GetBucketPolicyStatus."""

    text = "The bucket policy does not exist"


class NoSuchTagSet(_Absent):
    """GetBucketTagging; an empty set of tags is none."""

    text = "The TagSet does not exist"


class NoSuchCORSConfiguration(_Absent):
    """GetBucketCors."""

    text = "The CORS configuration does not exist"


class NoSuchPublicAccessBlockConfiguration(_Absent):
    """GetPublicAccessBlock, after it was deleted: new buckets have one."""

    text = "The public access block configuration was not found"


class OwnershipControlsNotFoundError(_Absent):
    """GetBucketOwnershipControls, after they were deleted: new buckets have some."""

    text = "The bucket ownership controls were not found"


class NoSuchLifecycleConfiguration(_Absent):
    """GetBucketLifecycleConfiguration."""

    text = "The lifecycle configuration does not exist"


class NoSuchWebsiteConfiguration(_Absent):
    """GetBucketWebsite, and browsers of a bucket that is none."""

    text = "The specified bucket does not have a website configuration"


class ReplicationConfigurationNotFoundError(_Absent):
    """Always: replication cannot be put here."""

    text = "The replication configuration was not found"


class ObjectLockConfigurationNotFoundError(_Absent):
    """GetObjectLockConfiguration of a bucket that was not made with Object Lock."""

    text = "Object Lock configuration does not exist for this bucket"
