"""Grants: canned ACLs, grant headers and AccessControlPolicy documents become one list. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.domain.identity import canonical_id

# Documented: Access control list overview, Amazon S3 predefined groups.
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
PUBLIC_GROUPS = frozenset((ALL_USERS, AUTHENTICATED_USERS))
# The account that fetches Amazon Machine Images, as AWS shows it.
_EXEC_READ = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission of one grantee: a canonical id, or a group's URI."""

    grantee: str
    permission: str

    @property
    def is_group(self) -> bool:
        return self.grantee.startswith("http")

    @property
    def is_public(self) -> bool:
        return self.grantee in PUBLIC_GROUPS

    def shown(self) -> dict[str, Any]:
        """Return it as S3's model has it."""
        key, kind = ("URI", "Group") if self.is_group else ("ID", "CanonicalUser")
        return {"Grantee": {key: self.grantee, "Type": kind}, "Permission": self.permission}


def kept(grants: Iterable[Grant]) -> list[list[str]]:
    """Return grants as they are stored."""
    return [[grant.grantee, grant.permission] for grant in grants]


def read(stored: Iterable[Sequence[str]]) -> list[Grant]:
    """Return stored pairs (`kept`) as grants."""
    return [Grant(grantee, permission) for grantee, permission in stored]


def private(owner: str) -> list[Grant]:
    """Return what an ACL is that nobody put: the owner (an account id) has everything."""
    return [Grant(canonical_id(owner), "FULL_CONTROL")]


def canned(name: str, owner: str, bucket_owner: str) -> list[Grant]:
    """Return what a canned ACL stands for.

    Args:
        name: One of the model's names.
        owner: Account that owns the bucket or object.
        bucket_owner: Account that owns the bucket.
    """
    others = {
        "public-read": [Grant(ALL_USERS, "READ")],
        "public-read-write": [Grant(ALL_USERS, "READ"), Grant(ALL_USERS, "WRITE")],
        "authenticated-read": [Grant(AUTHENTICATED_USERS, "READ")],
        "aws-exec-read": [Grant(_EXEC_READ, "READ")],
        "log-delivery-write": [Grant(LOG_DELIVERY, "WRITE"), Grant(LOG_DELIVERY, "READ_ACP")],
    }
    if owner != bucket_owner:
        others["bucket-owner-read"] = [Grant(canonical_id(bucket_owner), "READ")]
        others["bucket-owner-full-control"] = [Grant(canonical_id(bucket_owner), "FULL_CONTROL")]
    return [*private(owner), *others.get(name, [])]
