"""Bucket policies: put, get, delete; and as the evaluator of IAM reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.arn import Arn
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.errors.requests import AccessDenied
from sagehen.services.s3.errors.unset import NoSuchBucketPolicy
from sagehen.services.s3.policies.grammar import stored_policy
from sagehen.services.s3.policies.publicity import is_public, restricted
from sagehen.services.s3.records.buckets import Bucket, BucketRecords


class BucketPolicies(Resource):
    """A policy is kept as its text, and shown as the evaluator of IAM reads it."""

    @operation("PutBucketPolicy", access=on_bucket("PutBucketPolicy"), anonymous=True)
    async def put_bucket_policy(self, context: RequestContext, request: Request) -> Reply:
        bucket = self.state.bucket(request)
        text = stored_policy(request["Policy"], bucket.arn, self.state.documents)
        block = self.state.buckets.configuration(bucket.name, "public_access_block") or {}
        if block.get("BlockPublicPolicy") and is_public(text):
            raise AccessDenied(
                f"User: {context.principal.arn} is not authorized to perform: s3:PutBucketPolicy "
                f'on resource: "{bucket.arn}" because public policies are blocked by the '
                "BlockPublicPolicy block public access setting."
            )
        await self.state.buckets.put_configuration(bucket.name, "policy", text)
        return Reply(status=204)

    def _policy(self, bucket: Bucket) -> str:
        text: str = self.state.buckets.required(bucket.name, "policy", NoSuchBucketPolicy)
        return text

    @operation("GetBucketPolicy", access=on_bucket("GetBucketPolicy"), anonymous=True)
    async def get_bucket_policy(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        return {"Policy": self.state.documents.shown(self._policy(self.state.bucket(request)))}

    @operation("GetBucketPolicyStatus", access=on_bucket("GetBucketPolicyStatus"), anonymous=True)
    async def get_bucket_policy_status(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        return {"PolicyStatus": {"IsPublic": is_public(self._policy(self.state.bucket(request)))}}

    @operation("DeleteBucketPolicy", access=on_bucket("DeleteBucketPolicy"), anonymous=True)
    async def delete_bucket_policy(self, context: RequestContext, request: Request) -> Reply:
        await self.state.buckets.delete_configuration(self.state.bucket(request).name, "policy")
        return Reply(status=204)


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
