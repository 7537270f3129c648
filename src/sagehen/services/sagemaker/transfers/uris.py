"""S3 URIs in requests: taken apart and checked."""

from __future__ import annotations

import re

from sagehen.api.errors import ValidationException
from sagehen.domain.process_text import fault_of_argument

# Documented: the pattern of the shape S3Uri, with bucket and key told apart; https takes both of S3's styles.
_S3_URI = re.compile(r"^(?:s3|https)://(?P<bucket>[^/]+)(?:/(?P<key>.*))?$", re.DOTALL)
_S3_HOST = re.compile(r"^(?:(?P<bucket>.+)\.)?s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?$")


def split(uri: str) -> tuple[str, str]:
    """Return (bucket, key or prefix) of `s3://bucket/key`, or of S3's own https form.

    Raises:
        ValidationException: It is neither.
    """
    match = _S3_URI.match(uri)
    if match is None or fault_of_argument(uri) is not None:  # keys become names of files
        raise ValidationException(f"Invalid S3 URI: {uri}")
    bucket, key = match["bucket"], match["key"] or ""
    if uri.startswith("https:"):
        host = _S3_HOST.match(bucket)
        if host is None:
            raise ValidationException(f"Invalid S3 URI: {uri}")
        bucket, key = (host["bucket"], key) if host["bucket"] else key.partition("/")[::2]
    return bucket, key


def join(prefix: str, name: str) -> str:
    """Return `prefix/name` with one slash between them, and none for an empty prefix."""
    return f"{prefix.rstrip('/')}/{name}".lstrip("/")
