"""Bucket policies: put, get, delete; and as the evaluator of IAM reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.errors.requests import AccessDenied
from sagehen.services.s3.errors.unset import NoSuchBucketPolicy
from sagehen.services.s3.policies.grammar import stored_policy
from sagehen.services.s3.policies.publicity import is_public
from sagehen.services.s3.records.buckets import Bucket


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
