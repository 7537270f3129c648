"""S3 URIs taken apart, in S3's own form and as https."""

from __future__ import annotations

import re

from sagehen.domain.process_text import fault_of_argument

# Documented: the pattern of SageMaker's shape S3Uri, with bucket and key told apart; https takes both of S3's
# styles.
_S3_URI = re.compile(r"^(?:s3|https)://(?P<bucket>[^/]+)(?:/(?P<key>.*))?$", re.DOTALL)
_S3_HOST = re.compile(r"^(?:(?P<bucket>.+)\.)?s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?$")


def bucket_and_key(uri: str) -> tuple[str, str] | None:
    """Return (bucket, key or prefix) of `s3://bucket/key`, or of S3's own https form; else None."""
    match = _S3_URI.match(uri)
    if match is None or fault_of_argument(uri) is not None:  # keys become names of files
        return None
    bucket, key = match["bucket"], match["key"] or ""
    if uri.startswith("https:"):
        host = _S3_HOST.match(bucket)
        if host is None:
            return None
        bucket, key = (host["bucket"], key) if host["bucket"] else key.partition("/")[::2]
    return bucket, key


def join(prefix: str, name: str) -> str:
    """Return `prefix/name` with one slash between them, and none for an empty prefix."""
    return f"{prefix.rstrip('/')}/{name}".lstrip("/")
