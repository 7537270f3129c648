"""Buckets as the front door must know them before S3 is asked. Between it and S3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class BucketDirectory(Protocol):
    """What the front door must know of a bucket before S3 is asked. Synchronous: memory or one read."""

    def owner(self, bucket: str) -> str | None:
        """Return the account that owns the bucket, or None where there is no such bucket."""
        ...

    def region(self, bucket: str) -> str | None:
        """Return the region that the bucket lives in."""
        ...

    def cors_rules(self, bucket: str) -> Sequence[Mapping[str, Any]] | None:
        """Return the CORS rules with the member names of S3's model (`AllowedOrigins`, …), or None."""
        ...
