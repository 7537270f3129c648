"""What ACLs grant to a caller, as the evaluator is told: nothing, something to his account, or to all."""

from __future__ import annotations

from collections.abc import Iterable

from sagehen.domain.access import AclGrant
from sagehen.domain.identity import Principal, canonical_id
from sagehen.services.s3.grants.grant import ALL_USERS, AUTHENTICATED_USERS, Grant, private, read
from sagehen.services.s3.records.buckets import Bucket, BucketRecords
from sagehen.services.s3.records.versions import Version

# Action -> the permission that carries it.
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#acl-access-policy-permission-mapping
_ON_BUCKETS = {
    "ListBucket": "READ",
    "ListBucketVersions": "READ",
    "ListBucketMultipartUploads": "READ",
    "PutObject": "WRITE",
    "DeleteObject": "WRITE",
    "GetBucketAcl": "READ_ACP",
    "PutBucketAcl": "WRITE_ACP",
}
_ON_OBJECTS = {
    "GetObject": "READ",
    "GetObjectVersion": "READ",
    "GetObjectAcl": "READ_ACP",
    "GetObjectVersionAcl": "READ_ACP",
    "PutObjectAcl": "WRITE_ACP",
    "PutObjectVersionAcl": "WRITE_ACP",
}


def granted_on_bucket(buckets: BucketRecords, bucket: Bucket, action: str, caller: Principal) -> AclGrant:
    """Return what the bucket's ACL grants of an action (`ListBucket`)."""
    permission = _ON_BUCKETS.get(action)
    if permission is None or buckets.is_enforced(bucket.name):
        return AclGrant.NOTHING
    return _granted(
        buckets, bucket, read(buckets.configuration(bucket.name, "acl") or ()), permission, caller
    )


def granted_on_object(
    buckets: BucketRecords, bucket: Bucket, version: Version | None, action: str, caller: Principal
) -> AclGrant:
    """Return what the object's ACL grants of an action (`GetObject`), or its bucket's for writes."""
    permission = _ON_OBJECTS.get(action)
    if permission is None:
        return granted_on_bucket(buckets, bucket, action, caller)
    if version is None or version.is_marker:
        # There is no ACL to ask: who may list the bucket may learn that the object is not there.
        return granted_on_bucket(buckets, bucket, "ListBucket", caller)
    if buckets.is_enforced(bucket.name):
        return AclGrant.NOTHING
    grants = private(version.owner_id) if version.acl is None else read(version.acl)
    return _granted(buckets, bucket, grants, permission, caller)


def _granted(
    buckets: BucketRecords, bucket: Bucket, grants: Iterable[Grant], permission: str, caller: Principal
) -> AclGrant:
    fitting = {grant.grantee for grant in grants if grant.permission in (permission, "FULL_CONTROL")}
    if not fitting:
        return AclGrant.NOTHING
    # IgnorePublicAcls takes from everybody, not from accounts (documented: Block public access settings).
    block = buckets.configuration(bucket.name, "public_access_block") or {}
    if not block.get("IgnorePublicAcls"):
        # Only who signed is authenticated; services speak for nobody.
        signed = bool(caller.account_id)
        if ALL_USERS in fitting or (AUTHENTICATED_USERS in fitting and signed):
            return AclGrant.TO_EVERYBODY
    if caller.account_id and canonical_id(caller.account_id) in fitting:
        return AclGrant.TO_THE_ACCOUNT
    return AclGrant.NOTHING
