"""Which ACLs may be put: object ownership and the public access block have a say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.domain.identity import canonical_id
from sagehen.services.s3.errors.acls import (
    AccessControlListNotSupported,
    InvalidBucketAclWithBlockPublicAccessError,
    InvalidBucketAclWithObjectOwnership,
)
from sagehen.services.s3.errors.requests import AccessDenied
from sagehen.services.s3.grants.grant import Grant, kept, private
from sagehen.services.s3.grants.requests import requested
from sagehen.services.s3.records.buckets import Bucket, BucketRecords


def require_unblocked(
    buckets: BucketRecords,
    bucket: Bucket,
    grants: Sequence[Grant],
    context: RequestContext,
    action: str,
    resource: str,
) -> None:
    """Refuse public grants where the bucket blocks public ACLs.

    Raises:
        AccessDenied: With AWS's reason (from memory).
    """
    block = buckets.configuration(bucket.name, "public_access_block") or {}
    if block.get("BlockPublicAcls") and any(grant.is_public for grant in grants):
        raise AccessDenied(
            f'User: {context.principal.arn} is not authorized to perform: {action} on resource: "{resource}" '
            "because public access control lists (ACLs) are blocked by the BlockPublicAcls block public "
            "access setting."
        )


def upload_acl(
    buckets: BucketRecords,
    bucket: Bucket,
    request: Mapping[str, Any],
    owner: str,
    context: RequestContext | None,
) -> list[list[str]] | None:
    """Return the ACL that comes with an upload, as it is stored; None for the owner's own.

    Args:
        owner: The account that will own the object.
        context: None for the platform's own uploads, which have no ACL.

    Raises:
        AccessControlListNotSupported: The bucket has ACLs disabled and this one is not the owner's own.
        AccessDenied: It is public, and the bucket blocks those.
        InvalidRequest, InvalidArgument: It is none.
    """
    grants = requested(request, owner, bucket.account_id)
    if grants is None:
        return None
    if buckets.is_enforced(bucket.name):
        # What gives the owner everything is what the bucket does anyway.
        full = request.get("ACL") == "bucket-owner-full-control" or grants == private(bucket.account_id)
        if not full or request.get("ACL") == "private":
            raise AccessControlListNotSupported()
        return None
    if context is not None:
        arn = bucket.object_arn(request["Key"])
        require_unblocked(buckets, bucket, grants, context, "s3:PutObject", arn)
    return None if grants == private(owner) else kept(grants)


def new_bucket_acl(
    request: Mapping[str, Any], account_id: str, ownership: str, block: Mapping[str, bool]
) -> list[list[str]] | None:
    """Return the ACL of a bucket that is being made; None for the owner's own.

    Raises:
        InvalidBucketAclWithObjectOwnership, InvalidBucketAclWithBlockPublicAccessError: What every new
            bucket has by default does not go with it.
    """
    grants = requested(request, account_id, account_id)
    if grants is None or grants == private(account_id):
        return None
    # Ownership is asked before the block (from memory).
    if ownership == "BucketOwnerEnforced":
        raise InvalidBucketAclWithObjectOwnership(request["Bucket"])
    if block.get("BlockPublicAcls") and any(grant.is_public for grant in grants):
        raise InvalidBucketAclWithBlockPublicAccessError(request["Bucket"])
    return kept(grants)


def owner_of_upload(
    buckets: BucketRecords, bucket: Bucket, request: Mapping[str, Any], context: RequestContext | None
) -> str:
    """Return the account that owns an uploaded object: the bucket's, or the writer's where ACLs say so."""
    writer = context.principal.account_id if context is not None else ""
    if not writer or writer == bucket.account_id or buckets.is_enforced(bucket.name):
        return bucket.account_id
    # Documented: Controlling ownership of objects; preferred needs the canned ACL to have an effect.
    preferred = buckets.ownership(bucket.name) == "BucketOwnerPreferred"
    if preferred and request.get("ACL") == "bucket-owner-full-control":
        return bucket.account_id
    return writer


def shown_owner(owner: str) -> dict[str, str]:
    """Return `Owner` of an account id: its canonical id alone, since DisplayName went in November 2025."""
    return {"ID": canonical_id(owner)}
