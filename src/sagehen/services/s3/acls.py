"""ACLs, as far as they go here: every bucket and object is private to the bucket's owner.

Grants to others are refused, with AWS's AccessControlListNotSupported where the bucket has ACLs
disabled (the default) and with 501 elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.services.s3.access import on_bucket, on_object
from sagehen.services.s3.bucket_records import Bucket, BucketRecords
from sagehen.services.s3.errors import AccessControlListNotSupported
from sagehen.services.s3.state import Resource

_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")


def _is_enforced(buckets: BucketRecords, bucket: Bucket) -> bool:
    controls = buckets.configuration(bucket.name, "ownership")
    return controls is not None and controls["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced"


def check_upload_acl(buckets: BucketRecords, bucket: Bucket, request: Mapping[str, Any]) -> None:
    """Check the ACL that comes with an upload.

    Raises:
        AccessControlListNotSupported: The bucket has ACLs disabled and this one is not the owner's own.
        NotImplementedOperation: It grants something to others.
    """
    acl = request.get("ACL")
    granted = any(request.get(grant) for grant in _GRANTS)
    if (acl is None or acl == "bucket-owner-full-control") and not granted:
        return
    if _is_enforced(buckets, bucket):
        raise AccessControlListNotSupported()
    if granted or acl != "private":
        raise NotImplementedOperation("Only the ACLs private and bucket-owner-full-control are implemented.")


def _owner_only(bucket: Bucket) -> dict[str, Any]:
    grantee = {"ID": bucket.owner["ID"], "Type": "CanonicalUser"}
    return {"Owner": bucket.owner, "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}


class Acls(Resource):
    @operation("GetBucketAcl", access=on_bucket("GetBucketAcl"), anonymous=True)
    async def get_bucket_acl(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        return _owner_only(self.state.bucket(request))

    @operation("GetObjectAcl", access=on_object("GetObjectAcl"), anonymous=True)
    async def get_object_acl(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        self.find_version(context, request, "GET")
        return _owner_only(self.state.bucket(request))

    @operation("PutBucketAcl", access=on_bucket("PutBucketAcl"), anonymous=True)
    async def put_bucket_acl(self, context: RequestContext, request: Request) -> None:
        self._put_acl(request)

    @operation("PutObjectAcl", access=on_object("PutObjectAcl"), anonymous=True)
    async def put_object_acl(self, context: RequestContext, request: Request) -> None:
        self.find_version(context, request, "PUT")
        self._put_acl(request)

    def _put_acl(self, request: Request) -> None:
        bucket = self.state.bucket(request)
        if _is_enforced(self.state.buckets, bucket):
            raise AccessControlListNotSupported()
        wanted = (request.get("AccessControlPolicy") or {}).get("Grants")
        if request.get("ACL") == "private" or wanted == _owner_only(bucket)["Grants"]:
            return
        raise NotImplementedOperation("Only the ACL private is implemented.")
