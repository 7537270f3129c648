"""GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.s3.access.conditions import acl_conditions
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket, on_object
from sagehen.services.s3.acl.checks import require_unblocked, shown_owner
from sagehen.services.s3.errors.acls import AccessControlListNotSupported
from sagehen.services.s3.grants.grant import kept, private, read
from sagehen.services.s3.grants.requests import put
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.version_ids import shown_version_id


class Acls(Resource):
    """ACLs of both: a bucket's and an object's keep to the same rules."""

    @operation("GetBucketAcl", access=on_bucket("GetBucketAcl"), anonymous=True)
    async def get_bucket_acl(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        return self._shown(bucket, bucket.account_id, self.state.buckets.configuration(bucket.name, "acl"))

    @operation("GetObjectAcl", access=on_object("GetObjectAcl"), anonymous=True)
    async def get_object_acl(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        version = self.find_version(context, request, "GET")
        return self._shown(self.state.bucket(request), version.owner_id, version.acl)

    def _shown(self, bucket: Bucket, owner: str, stored: Sequence[Sequence[str]] | None) -> dict[str, Any]:
        if self.state.buckets.is_enforced(bucket.name):  # ACLs are kept, but do not count and are not shown
            owner, stored = bucket.account_id, None
        grants = private(owner) if stored is None else read(stored)
        return {"Owner": shown_owner(owner), "Grants": [grant.shown() for grant in grants]}

    @operation("PutBucketAcl", access=on_bucket("PutBucketAcl", acl_conditions), anonymous=True)
    async def put_bucket_acl(self, context: RequestContext, request: Request) -> None:
        bucket = self.state.bucket(request)
        grants = put(request, bucket.account_id, bucket.account_id)
        if self.state.buckets.is_enforced(bucket.name):
            raise AccessControlListNotSupported()
        require_unblocked(self.state.buckets, bucket, grants, context, "s3:PutBucketAcl", bucket.arn)
        await self.state.buckets.put_configuration(bucket.name, "acl", kept(grants))

    @operation("PutObjectAcl", access=on_object("PutObjectAcl", conditions=acl_conditions), anonymous=True)
    async def put_object_acl(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        version = self.annotated_version(context, request, "PUT")
        grants = put(request, version.owner_id, bucket.account_id)
        if self.state.buckets.is_enforced(bucket.name):
            raise AccessControlListNotSupported()
        arn = bucket.object_arn(version.key)
        require_unblocked(self.state.buckets, bucket, grants, context, "s3:PutObjectAcl", arn)
        before = private(version.owner_id) if version.acl is None else read(version.acl)
        await self.state.objects.set_acl(version, kept(grants))
        if grants != before:  # what changes nothing is no event
            await self.state.events.annotated(context, bucket, version, "ObjectAcl:Put")
        shown = shown_version_id(bucket, version)
        return {} if shown is None else {"VersionId": shown}
