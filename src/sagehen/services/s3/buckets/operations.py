"""Buckets: their names, places and lives."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import canonical_id
from sagehen.domain.scope import partition_of
from sagehen.services.s3.access.conditions import acl_conditions
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.acl.checks import new_bucket_acl
from sagehen.services.s3.buckets.names import is_bucket_name
from sagehen.services.s3.buckets.placement import GLOBAL_REGION, bucket_region
from sagehen.services.s3.buckets.regions import REGIONS
from sagehen.services.s3.errors.buckets import (
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    InvalidBucketName,
)
from sagehen.services.s3.errors.requests import InvalidArgument
from sagehen.services.s3.grants.requests import GRANT_MEMBERS
from sagehen.services.s3.object_lock.headers import KIND as OBJECT_LOCK
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.tagging.tag_sets import BUCKET_TAGS, parse_tag_set

# New buckets have all four since April 2023.
PUBLIC_ACCESS_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
# Documented: Controlling ownership of objects; new buckets have the first since April 2023.
OWNERSHIPS = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")
# Documented: ListBuckets, MaxBuckets; an account's default quota of buckets is the same.
_LIST_LIMIT = 10_000
# Any of these makes a listing one of pages, which shows regions and ARNs.
_NARROWING = ("MaxBuckets", "Prefix", "BucketRegion", "ContinuationToken")


class Buckets(Resource):
    """The bucket itself; what is configured on it is in `configurations`, and in rooms of its own."""

    def _create_access(self, context: RequestContext, request: Request) -> Iterator[Access]:
        name = request["Bucket"]
        taken = self.state.buckets.get(name)
        # Not a question of rights on somebody else's bucket: the name is gone.
        if taken is not None and taken.account_id != context.scope.account_id:
            raise BucketAlreadyExists(name)
        constraint = (request.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
        arn, keys = f"arn:{partition_of(context.scope.region)}:s3:::{name}", acl_conditions(request)
        further: dict[str, ConditionValue] = {"s3:LocationConstraint": constraint} if constraint else {}
        if request.get("ObjectOwnership"):
            further["s3:x-amz-object-ownership"] = request["ObjectOwnership"]
        yield Access("s3:CreateBucket", arn, keys | further)
        if any(request.get(member) for member in GRANT_MEMBERS):
            yield Access("s3:PutBucketAcl", arn, keys)
        if request.get("ObjectLockEnabledForBucket"):
            yield Access("s3:PutBucketObjectLockConfiguration", arn)
            yield Access("s3:PutBucketVersioning", arn)
        if request.get("ObjectOwnership"):
            yield Access("s3:PutBucketOwnershipControls", arn)

    @operation("CreateBucket", access=_create_access)
    async def create_bucket(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        name = request["Bucket"]
        if not is_bucket_name(name):
            raise InvalidBucketName(name)
        if request.get("BucketNamespace", "global") != "global":
            raise NotImplementedOperation("CreateBucket BucketNamespace is not implemented.")
        configuration = request.get("CreateBucketConfiguration") or {}
        if configuration.get("Bucket"):
            raise NotImplementedOperation("Directory buckets are not implemented.")
        ownership = request.get("ObjectOwnership", "BucketOwnerEnforced")
        if ownership not in OWNERSHIPS:
            raise InvalidArgument(
                f"Invalid x-amz-object-ownership header: {ownership}", "x-amz-object-ownership", None
            )
        region = bucket_region(configuration.get("LocationConstraint"), context.scope.region)
        configurations: dict[str, Any] = {
            "ownership": {"Rules": [{"ObjectOwnership": ownership}]},
            "public_access_block": PUBLIC_ACCESS_BLOCKED,
        }
        acl = new_bucket_acl(request, context.scope.account_id, ownership, PUBLIC_ACCESS_BLOCKED)
        if acl is not None:
            configurations["acl"] = acl
        if configuration.get("Tags"):
            configurations["tags"] = parse_tag_set(configuration["Tags"], BUCKET_TAGS)
        # Object Lock needs versions, and switches them on (documented: CreateBucket).
        locked = bool(request.get("ObjectLockEnabledForBucket"))
        if locked:
            configurations[OBJECT_LOCK] = {"ObjectLockEnabled": "Enabled"}
        versioning = "Enabled" if locked else ""
        bucket = Bucket(name, context.scope.account_id, region, self.state.now(), versioning)
        taken = await self.state.buckets.create(bucket, configurations)
        if taken is not None and taken.account_id != bucket.account_id:
            raise BucketAlreadyExists(name)
        # In us-east-1 alone, making one's own bucket again succeeds, for the sake of old programs.
        if taken is not None and not (taken.region == region == context.scope.region == GLOBAL_REGION):
            raise BucketAlreadyOwnedByYou(name)
        location = f"/{name}" if region == GLOBAL_REGION else f"http://{name}.s3.amazonaws.com/"
        return {"Location": location, "BucketArn": bucket.arn}

    @operation("HeadBucket", access=on_bucket("ListBucket"), anonymous=True)
    async def head_bucket(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        return {"BucketRegion": bucket.region, "AccessPointAlias": False, "BucketArn": bucket.arn}

    @operation("DeleteBucket", access=on_bucket("DeleteBucket"), anonymous=True)
    async def delete_bucket(self, context: RequestContext, request: Request) -> Reply:
        bucket = self.state.bucket(request)
        self.state.contents.remove(await self.state.buckets.delete(bucket))
        return Reply(status=204)

    @operation("GetBucketLocation", access=on_bucket("GetBucketLocation"), anonymous=True)
    async def get_bucket_location(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        region = self.state.bucket(request).region
        return {} if region == GLOBAL_REGION else {"LocationConstraint": region}

    def _list_access(self, context: RequestContext, request: Request) -> Iterator[Access]:
        yield Access("s3:ListAllMyBuckets", "*")

    @operation("ListBuckets", access=_list_access)
    async def list_buckets(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        limit = request.get("MaxBuckets")
        if limit is not None and not 1 <= limit <= _LIST_LIMIT:
            raise InvalidArgument(
                f"Argument max-buckets must be an integer between 1 and {_LIST_LIMIT}", "max-buckets", limit
            )
        region = request.get("BucketRegion")
        if region and region not in REGIONS:
            raise InvalidArgument(f"Argument value {region} is not a valid AWS Region", "bucket-region", None)
        prefix = request.get("Prefix") or ""
        narrowed = any(request.get(name) is not None for name in _NARROWING)
        buckets = self.state.buckets.of_account(
            context.scope.account_id,
            prefix,
            region,
            _read_token(request.get("ContinuationToken")),
            (limit or _LIST_LIMIT) + 1,
        )
        shown = buckets[: limit or _LIST_LIMIT]
        result: dict[str, Any] = {
            "Owner": {"ID": canonical_id(context.scope.account_id)},
            "Buckets": [_listed(bucket, narrowed) for bucket in shown],
        }
        if prefix:
            result["Prefix"] = prefix
        if len(buckets) > len(shown):
            result["ContinuationToken"] = base64.b64encode(shown[-1].name.encode()).decode()
        return result


def _read_token(token: str | None) -> str:
    """Return the name behind which a listing goes on."""
    try:
        return base64.b64decode(token or "", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidArgument(
            "The continuation token provided is incorrect", "continuation-token", token
        ) from None


def _listed(bucket: Bucket, narrowed: bool) -> dict[str, Any]:
    listed: dict[str, Any] = {"Name": bucket.name, "CreationDate": bucket.created_at}
    if narrowed:  # AWS shows these to requests that ask for a part only
        listed |= {"BucketRegion": bucket.region, "BucketArn": bucket.arn}
    return listed
