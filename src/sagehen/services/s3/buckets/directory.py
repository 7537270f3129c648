"""StoredBuckets: what the front door asks of a bucket before S3 is asked anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.services.s3.records.buckets import BucketRecords


class StoredBuckets:
    """`ports.BucketDirectory`: what the front door asks before S3."""

    def __init__(self, buckets: BucketRecords) -> None:
        self._buckets = buckets

    def owner(self, bucket: str) -> str | None:
        """Return the account of a bucket, None where there is none."""
        found = self._buckets.get(bucket)
        return None if found is None else found.account_id

    def region(self, bucket: str) -> str | None:
        """Return the region of a bucket, None where there is none."""
        found = self._buckets.get(bucket)
        return None if found is None else found.region

    def cors_rules(self, bucket: str) -> Sequence[Mapping[str, Any]] | None:
        """Return CORSRules as they were put, None where none were."""
        rules: list[Mapping[str, Any]] | None = self._buckets.configuration(bucket, "cors")
        return rules
