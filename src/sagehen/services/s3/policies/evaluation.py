"""StoredBucketPolicies: bucket policies as IAM's evaluator reads them."""

from __future__ import annotations

from sagehen.domain.arn import Arn
from sagehen.services.s3.policies.publicity import is_public, restricted
from sagehen.services.s3.records.buckets import Bucket, BucketRecords


class StoredBucketPolicies:
    """`ports.ResourcePolicies` for `arn:aws:s3:::bucket` and `arn:aws:s3:::bucket/key`."""

    def __init__(self, buckets: BucketRecords) -> None:
        self._buckets = buckets

    def _bucket(self, resource_arn: str) -> Bucket | None:
        try:
            name = Arn.parse(resource_arn).resource.partition("/")[0]
        except ValueError:
            return None
        return self._buckets.get(name)

    def resource_policy(self, resource_arn: str) -> str | None:
        """Return the text of the policy of a bucket or of an object's bucket; None where there is none.

        Under RestrictPublicBuckets a public policy counts within the bucket's account only.
        """
        bucket = self._bucket(resource_arn)
        if bucket is None:
            return None
        text: str | None = self._buckets.configuration(bucket.name, "policy")
        if text is None or not is_public(text):
            return text
        block = self._buckets.configuration(bucket.name, "public_access_block") or {}
        if not block.get("RestrictPublicBuckets"):
            return text
        return restricted(text, bucket.account_id, bucket.arn)

    def resource_owner(self, resource_arn: str) -> str | None:
        """Return the account of the bucket that an ARN names or lies in; None where there is none."""
        bucket = self._bucket(resource_arn)
        return None if bucket is None else bucket.account_id
