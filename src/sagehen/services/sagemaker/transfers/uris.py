"""S3 URIs in requests: taken apart and checked."""

from __future__ import annotations

from sagehen.api.errors import ValidationException
from sagehen.domain.s3_uris import bucket_and_key, join

__all__ = ["join", "split"]


def split(uri: str) -> tuple[str, str]:
    """Return (bucket, key or prefix) of `s3://bucket/key`, or of S3's own https form.

    Raises:
        ValidationException: It is neither.
    """
    found = bucket_and_key(uri)
    if found is None:
        raise ValidationException(f"Invalid S3 URI: {uri}")
    return found
