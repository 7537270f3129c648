"""Conditional requests: what If-Match and its kin make of a request. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.s3.errors import NoSuchKey, PreconditionFailed


class Outcome(Enum):
    PROCEED = "proceed"
    NOT_MODIFIED = "not modified"


def check_read(request: Mapping[str, Any], etag: str, last_modified: datetime, prefix: str = "") -> Outcome:
    """Decide a GET, HEAD or the source side of a copy.

    RFC 9110 13.2.2: If-Match wins over If-Unmodified-Since, If-None-Match over If-Modified-Since.

    Args:
        request: The operation's input.
        etag: The object's, with quotes.
        last_modified: The object's, whole seconds.
        prefix: `CopySource` for the source side of copies.

    Raises:
        PreconditionFailed: With the name of the header that failed.
    """
    header = "x-amz-copy-source-" if prefix else ""
    match, unmodified = request.get(prefix + "IfMatch"), request.get(prefix + "IfUnmodifiedSince")
    if match is not None:
        if not matches(match, etag):
            raise PreconditionFailed(f"{header}If-Match")
    elif unmodified is not None and last_modified > unmodified:
        raise PreconditionFailed(f"{header}If-Unmodified-Since")
    none_match, modified = request.get(prefix + "IfNoneMatch"), request.get(prefix + "IfModifiedSince")
    if none_match is not None:
        return Outcome.NOT_MODIFIED if matches(none_match, etag) else Outcome.PROCEED
    if modified is not None and last_modified <= modified:
        return Outcome.NOT_MODIFIED
    return Outcome.PROCEED


def check_write(request: Mapping[str, Any], key: str, current_etag: str | None) -> None:
    """Decide a conditional write against the current object (None: there is none).

    Raises:
        PreconditionFailed: If-None-Match: * and the key exists, or If-Match and another ETag.
        NoSuchKey: If-Match and the key does not exist.
        NotImplementedOperation: If-None-Match with anything but `*`, as on S3.
    """
    none_match = request.get("IfNoneMatch")
    if none_match is not None and none_match != "*":
        raise NotImplementedOperation(
            "A header you provided implies functionality that is not implemented", Header="If-None-Match"
        )
    if none_match is not None and current_etag is not None:
        raise PreconditionFailed("If-None-Match")
    expected = request.get("IfMatch")
    if expected is not None:
        if current_etag is None:
            raise NoSuchKey(key)
        if not matches(expected, current_etag):
            raise PreconditionFailed("If-Match")


def matches(header: str, etag: str) -> bool:
    """Tell whether a list of entity tags (quotes optional, as S3 allows) names `etag`."""
    wanted = etag.strip('"')
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or wanted in tags
