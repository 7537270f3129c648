"""Grants as requests ask for them: canned ACLs, grant headers, AccessControlPolicy documents. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.domain.identity import canonical_id
from sagehen.services.s3.errors.acls import (
    MalformedACLError,
    MissingSecurityHeader,
    UnexpectedContent,
    UnresolvableGrantByEmailAddress,
)
from sagehen.services.s3.errors.requests import InvalidArgument, InvalidRequest
from sagehen.services.s3.grants.grant import ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY, Grant, canned

_GROUPS = (ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY)
# Documented: Finding the canonical user ID for your account; the case matters, from memory.
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
