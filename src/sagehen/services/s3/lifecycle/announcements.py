"""What answers say beforehand: `x-amz-expiration`, `x-amz-abort-date`, `x-amz-abort-rule-id`."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from sagehen.services.s3.lifecycle.rules import Candidate, Rule, enabled, next_abortion, next_expiration
from sagehen.services.s3.records.buckets import BucketRecords
from sagehen.services.s3.records.versions import Version

# Kind of the bucket's configuration that holds the rules.
KIND = "lifecycle"


def expiration(buckets: BucketRecords, version: Version) -> dict[str, Any]:
    """Return the member `Expiration` of answers about a current object, if a rule will expire it."""
    rules = _rules(buckets, version.bucket) if version.is_latest else ()
    found = next_expiration(rules, candidate_of(version)) if rules else None
    if found is None:
        return {}
    # The form is documented (PutObject, x-amz-expiration).
    at, rule_id = found
    shown = format_datetime(at, usegmt=True)
    return {"Expiration": f'expiry-date="{shown}", rule-id="{quote(rule_id, safe="")}"'}


def abortion(buckets: BucketRecords, bucket: str, key: str, initiated: datetime) -> dict[str, Any]:
    """Return `AbortDate` and `AbortRuleId` of answers about an upload, if a rule will abort it."""
    found = next_abortion(_rules(buckets, bucket), key, initiated)
    return {} if found is None else {"AbortDate": found[0], "AbortRuleId": found[1]}


def _rules(buckets: BucketRecords, bucket: str) -> tuple[Rule, ...]:
    return buckets.made(bucket, KIND, lambda document: enabled(document["Rules"])) or ()


def candidate_of(version: Version) -> Candidate:
    """Return a current version as rules look at it."""
    return Candidate(
        key=version.key,
        size=version.size,
        modified=version.last_modified,
        storage_class=version.storage_class,
        tags=version.tags or {},
    )
