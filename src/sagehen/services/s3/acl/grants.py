"""Grants: canned ACLs, grant headers and AccessControlPolicy documents become one list. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.domain.identity import canonical_id
from sagehen.services.s3.errors import (
    InvalidArgument,
    InvalidRequest,
    MalformedACLError,
    MissingSecurityHeader,
    UnexpectedContent,
    UnresolvableGrantByEmailAddress,
)

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
PUBLIC_GROUPS = frozenset((ALL_USERS, AUTHENTICATED_USERS))
_GROUPS = (ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY)
# The account that fetches Amazon Machine Images, as AWS shows it.
_EXEC_READ = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c"
_CANONICAL_ID = re.compile("[0-9a-f]{64}")
_HEADERS = {
    "GrantFullControl": ("x-amz-grant-full-control", "FULL_CONTROL"),
    "GrantRead": ("x-amz-grant-read", "READ"),
    "GrantReadACP": ("x-amz-grant-read-acp", "READ_ACP"),
    "GrantWrite": ("x-amz-grant-write", "WRITE"),
    "GrantWriteACP": ("x-amz-grant-write-acp", "WRITE_ACP"),
}
# What a request may ask for grants with.
GRANT_MEMBERS = ("ACL", *_HEADERS)
# The model leaves out some that S3 takes: log-delivery-write is in its documents.
_CANNED = ("private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read")
_CANNED_OF_BUCKETS = frozenset((*_CANNED, "log-delivery-write"))
_CANNED_OF_OBJECTS = frozenset((*_CANNED, "bucket-owner-read", "bucket-owner-full-control"))
_GRANTEE = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"([^"]*)"|([^",\s]*))\s*')
# AWS's limit of one ACL.
_MOST_GRANTS = 100


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


def requested(request: Mapping[str, Any], owner: str, bucket_owner: str) -> list[Grant] | None:
    """Return the grants that an upload or a new bucket asks for; None where it asks for none.

    Raises:
        InvalidRequest: A canned ACL and grant headers together.
        InvalidArgument, UnresolvableGrantByEmailAddress: A grantee that is none.
    """
    by_header = _of_headers(request)
    name = request.get("ACL")
    if name is not None and by_header:
        raise InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed")
    if name is not None:
        if name not in (_CANNED_OF_OBJECTS if "Key" in request else _CANNED_OF_BUCKETS):
            raise InvalidArgument("", "x-amz-acl", name)  # without a text (recorded)
        return canned(name, owner, bucket_owner)
    return by_header or None


def put(request: Mapping[str, Any], owner: str, bucket_owner: str) -> list[Grant]:
    """Return the grants that PutBucketAcl or PutObjectAcl puts.

    Raises:
        MissingSecurityHeader: It puts none.
        UnexpectedContent: A document beside headers.
        MalformedACLError, and as `requested`.
    """
    document = request.get("AccessControlPolicy")
    by_headers = requested(request, owner, bucket_owner)
    if document is None:
        if by_headers is None:
            raise MissingSecurityHeader("x-amz-acl")
        return by_headers
    if by_headers is not None:
        raise UnexpectedContent()
    return _of_document(document, owner)


def _of_headers(request: Mapping[str, Any]) -> list[Grant]:
    grants: list[Grant] = []
    for member, (header, permission) in _HEADERS.items():
        text = request.get(member)
        if text is None:
            continue
        for part in text.split(","):
            match = _GRANTEE.fullmatch(part)
            if match is None or match[1].lower() not in ("id", "uri", "emailaddress"):
                raise InvalidArgument("Argument format not recognized", header, text)
            grantee = match[2] if match[2] is not None else match[3]
            grants.append(Grant(_checked(match[1].lower(), grantee, match[1]), permission))
    return grants


def _of_document(document: Mapping[str, Any], owner: str) -> list[Grant]:
    named = (document.get("Owner") or {}).get("ID")
    grants = document.get("Grants")
    if named is None or grants is None or len(grants) > _MOST_GRANTS:
        raise MalformedACLError()
    _checked("id", named, "CanonicalUser/ID")
    if named != canonical_id(owner):  # an ACL cannot give its bucket or object away
        raise InvalidArgument("Invalid id", "CanonicalUser/ID", named)
    return grants_of(grants)


def grants_of(elements: Sequence[Mapping[str, Any]]) -> list[Grant]:
    """Read `Grant` elements, of an ACL or of a bucket's logging.

    Raises:
        MalformedACLError, InvalidArgument, UnresolvableGrantByEmailAddress.
    """
    return [_of_element(grant) for grant in elements]


def _of_element(grant: Mapping[str, Any]) -> Grant:
    grantee, permission = grant.get("Grantee") or {}, grant.get("Permission")
    member, kind, argument = {
        "CanonicalUser": ("ID", "id", "CanonicalUser/ID"),
        "Group": ("URI", "uri", "Group/URI"),
        "AmazonCustomerByEmail": ("EmailAddress", "emailaddress", "EmailAddress"),
    }.get(grantee.get("Type", ""), ("", "", ""))
    if permission is None or not member or grantee.get(member) is None:
        raise MalformedACLError()
    return Grant(_checked(kind, grantee[member], argument), permission)


def _checked(kind: str, grantee: str, argument: str) -> str:
    if kind == "emailaddress":  # no account here has one
        raise UnresolvableGrantByEmailAddress(grantee)
    if kind == "uri" and grantee not in _GROUPS:
        raise InvalidArgument("Invalid group uri", argument, grantee)
    if kind == "id" and not _CANONICAL_ID.fullmatch(grantee):
        raise InvalidArgument("Invalid id", argument, grantee)
    return grantee
