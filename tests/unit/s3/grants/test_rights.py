"""What ACLs grant to whom, for each action that one can carry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.domain.access import AclGrant
from sagehen.domain.identity import Principal, PrincipalKind, canonical_id
from sagehen.services.s3.grants.grant import ALL_USERS, AUTHENTICATED_USERS
from sagehen.services.s3.grants.rights import granted_on_bucket, granted_on_object
from sagehen.services.s3.records.versions import Version
from tests.unit.s3.conftest import OTHER, OWNER, Configured

NOTHING, ACCOUNT, EVERYBODY = AclGrant.NOTHING, AclGrant.TO_THE_ACCOUNT, AclGrant.TO_EVERYBODY
ROOT = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{OWNER}:root", OWNER)
STRANGER = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{OTHER}:root", OTHER)
NOBODY = Principal(PrincipalKind.ANONYMOUS, "", "")
MINE, THEIRS = canonical_id(OWNER), canonical_id(OTHER)
ENFORCED = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
IGNORED = {"IgnorePublicAcls": True}


@pytest.mark.parametrize(
    ("acl", "action", "caller", "more", "granted"),
    [
        ([[MINE, "FULL_CONTROL"]], "ListBucket", ROOT, {}, ACCOUNT),
        ([[MINE, "FULL_CONTROL"]], "ListBucket", STRANGER, {}, NOTHING),
        ([[THEIRS, "READ"]], "ListBucket", STRANGER, {}, ACCOUNT),
        ([[THEIRS, "READ"]], "ListBucketVersions", STRANGER, {}, ACCOUNT),
        ([[THEIRS, "READ"]], "ListBucketMultipartUploads", STRANGER, {}, ACCOUNT),
        ([[THEIRS, "READ"]], "PutObject", STRANGER, {}, NOTHING),
        ([[THEIRS, "WRITE"]], "PutObject", STRANGER, {}, ACCOUNT),
        ([[THEIRS, "WRITE"]], "DeleteObject", STRANGER, {}, ACCOUNT),
        ([[THEIRS, "READ_ACP"]], "GetBucketAcl", STRANGER, {}, ACCOUNT),
        ([[THEIRS, "WRITE_ACP"]], "PutBucketAcl", STRANGER, {}, ACCOUNT),
        ([[THEIRS, "FULL_CONTROL"]], "PutBucketAcl", STRANGER, {}, ACCOUNT),
        ([[THEIRS, "FULL_CONTROL"]], "DeleteBucket", STRANGER, {}, NOTHING),  # no ACL carries that
        ([[ALL_USERS, "READ"]], "ListBucket", NOBODY, {}, EVERYBODY),
        ([[AUTHENTICATED_USERS, "READ"]], "ListBucket", NOBODY, {}, NOTHING),
        ([[AUTHENTICATED_USERS, "READ"]], "ListBucket", STRANGER, {}, EVERYBODY),
        ([[ALL_USERS, "READ"]], "ListBucket", NOBODY, {"public_access_block": IGNORED}, NOTHING),
        ([[THEIRS, "READ"]], "ListBucket", STRANGER, {"public_access_block": IGNORED}, ACCOUNT),
        ([[ALL_USERS, "READ"]], "ListBucket", NOBODY, {"ownership": ENFORCED}, NOTHING),
        (None, "ListBucket", ROOT, {}, NOTHING),  # the owner needs none
    ],
)
async def test_on_buckets(
    configured: Configured, acl: Any, action: str, caller: Principal, more: dict[str, Any], granted: AclGrant
) -> None:
    buckets, bucket = await configured(acl=acl, **more)
    assert granted_on_bucket(buckets, bucket, action, caller) is granted


@pytest.mark.parametrize(
    ("acl", "action", "caller", "granted"),
    [
        (None, "GetObject", ROOT, ACCOUNT),  # without one it is the owner's
        (None, "GetObject", STRANGER, NOTHING),
        ([[THEIRS, "READ"]], "GetObject", STRANGER, ACCOUNT),
        ([[THEIRS, "READ"]], "GetObjectVersion", STRANGER, ACCOUNT),
        ([[THEIRS, "READ"]], "GetObjectAcl", STRANGER, NOTHING),
        ([[THEIRS, "READ_ACP"]], "GetObjectVersionAcl", STRANGER, ACCOUNT),
        ([[THEIRS, "WRITE_ACP"]], "PutObjectAcl", STRANGER, ACCOUNT),
        ([[ALL_USERS, "READ"]], "GetObject", NOBODY, EVERYBODY),
        ([[THEIRS, "FULL_CONTROL"]], "GetObjectTagging", STRANGER, NOTHING),  # no ACL carries that
    ],
)
async def test_on_objects(
    configured: Configured, acl: Any, action: str, caller: Principal, granted: AclGrant
) -> None:
    buckets, bucket = await configured()
    details = {} if acl is None else {"Acl": acl}
    version = Version("birds", "k", "null", OWNER, datetime(2026, 1, 1, tzinfo=UTC), details=details)
    assert granted_on_object(buckets, bucket, version, action, caller) is granted


async def test_of_what_is_not_there_the_bucket_is_asked(configured: Configured) -> None:
    """Who may list may learn that a key is missing; who may write may write over it."""
    buckets, bucket = await configured(acl=[[THEIRS, "READ"], [ALL_USERS, "WRITE"]])
    marker = Version("birds", "k", "null", OWNER, datetime(2026, 1, 1, tzinfo=UTC), is_marker=True)
    for missing in (None, marker):
        assert granted_on_object(buckets, bucket, missing, "GetObject", STRANGER) is ACCOUNT
        assert granted_on_object(buckets, bucket, missing, "GetObject", NOBODY) is NOTHING
        assert granted_on_object(buckets, bucket, missing, "PutObject", NOBODY) is EVERYBODY
