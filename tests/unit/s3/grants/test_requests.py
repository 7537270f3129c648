"""Grants as requests ask for them."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.identity import canonical_id
from sagehen.services.s3.grants.grant import ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY, kept
from sagehen.services.s3.grants.requests import put, requested
from tests.unit.s3.conftest import OTHER, OWNER

MINE, THEIRS = canonical_id(OWNER), canonical_id(OTHER)
FULL = [MINE, "FULL_CONTROL"]
READER = {"Grantee": {"Type": "CanonicalUser", "ID": THEIRS}, "Permission": "READ"}


@pytest.mark.parametrize(
    ("request_members", "grants"),
    [
        ({}, None),
        ({"ACL": "private"}, [FULL]),
        ({"ACL": "public-read"}, [FULL, [ALL_USERS, "READ"]]),
        ({"ACL": "public-read-write"}, [FULL, [ALL_USERS, "READ"], [ALL_USERS, "WRITE"]]),
        ({"ACL": "authenticated-read"}, [FULL, [AUTHENTICATED_USERS, "READ"]]),
        ({"ACL": "log-delivery-write"}, [FULL, [LOG_DELIVERY, "WRITE"], [LOG_DELIVERY, "READ_ACP"]]),
        # To the bucket's owner, where he is another than the object's.
        ({"Key": "k", "ACL": "bucket-owner-read"}, [FULL, [THEIRS, "READ"]]),
        ({"Key": "k", "ACL": "bucket-owner-full-control"}, [FULL, [THEIRS, "FULL_CONTROL"]]),
        ({"GrantRead": f'id="{THEIRS}", uri={ALL_USERS}'}, [[THEIRS, "READ"], [ALL_USERS, "READ"]]),
        ({"GrantWriteACP": f"ID={THEIRS}"}, [[THEIRS, "WRITE_ACP"]]),
    ],
)
def test_what_is_asked_for(request_members: dict[str, Any], grants: list[list[str]] | None) -> None:
    found = requested(request_members, OWNER, OTHER)
    assert (found and kept(found)) == grants


def document(*grants: Any, owner: str = MINE) -> dict[str, Any]:
    return {"AccessControlPolicy": {"Owner": {"ID": owner}, "Grants": list(grants)}}


def test_a_document_says_all_of_it() -> None:
    assert kept(put(document(READER), OWNER, OWNER)) == [[THEIRS, "READ"]]
    assert put(document(), OWNER, OWNER) == []


@pytest.mark.parametrize(
    ("request_members", "code"),
    [
        ({}, "MissingSecurityHeader"),
        ({"ACL": "none"}, "InvalidArgument"),
        ({"Key": "k", "ACL": "log-delivery-write"}, "InvalidArgument"),  # a bucket's
        ({"ACL": "bucket-owner-read"}, "InvalidArgument"),  # an object's
        ({"ACL": "private", "GrantRead": f"id={THEIRS}"}, "InvalidRequest"),
        ({"GrantRead": "somebody"}, "InvalidArgument"),
        ({"GrantRead": "id=short"}, "InvalidArgument"),
        ({"GrantRead": "uri=http://example.com/"}, "InvalidArgument"),
        ({"GrantRead": "emailAddress=a@example.com"}, "UnresolvableGrantByEmailAddress"),
        ({"ACL": "private", **document(READER)}, "UnexpectedContent"),
        (document(READER, owner=THEIRS), "InvalidArgument"),  # an ACL gives nothing away
        (document(*[READER] * 101), "MalformedACLError"),
        (document({**READER, "Permission": None}), "MalformedACLError"),
        (document({**READER, "Grantee": {"Type": "CanonicalUser"}}), "MalformedACLError"),
        ({"AccessControlPolicy": {"Grants": [READER]}}, "MalformedACLError"),
    ],
)
def test_what_is_none(request_members: dict[str, Any], code: str) -> None:
    with pytest.raises(ServiceError) as refused:
        put(request_members, OWNER, OWNER)
    assert refused.value.code == code
