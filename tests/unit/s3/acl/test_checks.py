"""Which ACLs may be put, and who owns an upload: ownership and the public access block have a say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.domain.identity import Principal, PrincipalKind, canonical_id
from sagehen.domain.scope import Scope
from sagehen.services.s3.acl.checks import new_bucket_acl, owner_of_upload, upload_acl
from sagehen.services.s3.grants.grant import ALL_USERS
from tests.unit.s3.conftest import OTHER, OWNER, Configured

MINE = canonical_id(OWNER)
PUBLIC = [[MINE, "FULL_CONTROL"], [ALL_USERS, "READ"]]
BLOCKED = {"BlockPublicAcls": True}


def ownership(name: str) -> dict[str, Any]:
    return {"Rules": [{"ObjectOwnership": name}]}


def written_by(account: str) -> RequestContext:
    principal = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{account}:root", account)
    return RequestContext(
        "r", "s3", "PutObject", Scope(account, "us-east-1"), principal, datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("settings", "canned", "writer", "owner"),
    [
        (None, None, OTHER, OTHER),
        ("ObjectWriter", "bucket-owner-full-control", OTHER, OTHER),
        ("BucketOwnerPreferred", None, OTHER, OTHER),
        ("BucketOwnerPreferred", "bucket-owner-full-control", OTHER, OWNER),
        ("BucketOwnerEnforced", None, OTHER, OWNER),
        ("ObjectWriter", None, OWNER, OWNER),
        ("ObjectWriter", None, "", OWNER),  # nobody owns nothing
    ],
)
async def test_who_owns_an_upload(
    configured: Configured, settings: str | None, canned: str | None, writer: str, owner: str
) -> None:
    buckets, bucket = await configured(ownership=settings and ownership(settings))
    assert owner_of_upload(buckets, bucket, {"ACL": canned}, written_by(writer)) == owner


@pytest.mark.parametrize(
    ("settings", "block", "canned", "answer"),
    [
        ("ObjectWriter", None, None, None),
        ("ObjectWriter", None, "private", None),  # the owner's own is not kept
        ("ObjectWriter", None, "public-read", PUBLIC),
        ("ObjectWriter", BLOCKED, "public-read", "AccessDenied"),
        ("ObjectWriter", BLOCKED, "private", None),
        ("BucketOwnerEnforced", None, "public-read", "AccessControlListNotSupported"),
        ("BucketOwnerEnforced", None, "private", "AccessControlListNotSupported"),
        ("BucketOwnerEnforced", None, "bucket-owner-full-control", None),
        ("BucketOwnerEnforced", None, None, None),
    ],
)
async def test_what_an_upload_may_bring(
    configured: Configured, settings: str, block: Any, canned: str | None, answer: Any
) -> None:
    buckets, bucket = await configured(ownership=ownership(settings), public_access_block=block)
    request = {"Bucket": "birds", "Key": "k", **({} if canned is None else {"ACL": canned})}

    def asked() -> Any:
        return upload_acl(buckets, bucket, request, OWNER, written_by(OWNER))

    if not isinstance(answer, str):
        assert asked() == answer
        return
    with pytest.raises(ServiceError) as refused:
        asked()
    assert refused.value.code == answer


@pytest.mark.parametrize(
    ("settings", "block", "canned", "answer"),
    [
        ("BucketOwnerEnforced", BLOCKED, None, None),
        ("BucketOwnerEnforced", BLOCKED, "private", None),
        ("BucketOwnerEnforced", {}, "public-read", "InvalidBucketAclWithObjectOwnership"),
        ("ObjectWriter", BLOCKED, "public-read", "InvalidBucketAclWithBlockPublicAccessError"),
        ("ObjectWriter", {}, "public-read", PUBLIC),
    ],
)
def test_what_a_new_bucket_may_have(
    settings: str, block: dict[str, bool], canned: str | None, answer: Any
) -> None:
    request = {"Bucket": "birds", **({} if canned is None else {"ACL": canned})}
    if not isinstance(answer, str):
        assert new_bucket_acl(request, OWNER, settings, block) == answer
        return
    with pytest.raises(ServiceError) as refused:
        new_bucket_acl(request, OWNER, settings, block)
    assert refused.value.code == answer
