"""Conditional requests: what If-Match and its kin make of a request. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.s3.errors.objects import ConditionalRequestConflict, NoSuchKey, PreconditionFailed


class Outcome(Enum):
    """What conditions that hold make of a read: bytes, or 304."""

    PROCEED = "proceed"
    NOT_MODIFIED = "not modified"


def check_read(
    request: Mapping[str, Any], etag: str, last_modified: datetime, now: datetime, prefix: str = ""
) -> Outcome:
    """Decide a GET, HEAD or the source side of a copy.

    RFC 9110 13.2.2: If-Match wins over If-Unmodified-Since, If-None-Match over If-Modified-Since.

    Args:
        request: The operation's input.
        etag: The object's, with quotes.
        last_modified: The object's, whole seconds.
        now: A moment after it is no answer to If-Modified-Since, and the header is ignored (RFC 9110 13.1.3).
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
    if modified is not None and last_modified <= modified <= now:
        return Outcome.NOT_MODIFIED
    return Outcome.PROCEED


def check_write(request: Mapping[str, Any], key: str, current_etag: str | None) -> None:
    """Decide a conditional write against the current object (None: there is none).

    Raises:
        PreconditionFailed: If-None-Match: * and the key exists, or If-Match and another ETag.
        NoSuchKey: If-Match and the key does not exist.
    """
    check_headers(request)
    none_match = request.get("IfNoneMatch")
    if none_match is not None and current_etag is not None:
        raise PreconditionFailed("If-None-Match")
    expected = request.get("IfMatch")
    if expected is not None:
        if current_etag is None:
            raise NoSuchKey(key)
        if not matches(expected, current_etag):
            raise PreconditionFailed("If-Match")


def check_headers(request: Mapping[str, Any]) -> None:
    """Refuse conditions of writes that S3 refuses, whatever it holds.

    Raises:
        NotImplementedOperation: If-None-Match with anything but `*`, If-Match with `*`.
    """
    none_match = request.get("IfNoneMatch")
    if none_match is not None and none_match != "*":
        raise _unaccepted("If-None-Match")
    if request.get("IfMatch") == "*":
        raise _unaccepted("If-Match")


def _unaccepted(header: str) -> NotImplementedOperation:
    return NotImplementedOperation(
        "A header you provided implies functionality that is not implemented",
        Header=header,
        additionalMessage=f"We don't accept the provided value of {header} header for this API",
    )


def check_completion(
    request: Mapping[str, Any], key: str, current: tuple[str, int] | None, begun_ms: int, existed: bool
) -> None:
    """Decide a conditional completion of a multipart upload.

    A key that changed since the upload began is a conflict even where the condition holds: the client
    has to begin anew (recorded).

    Args:
        request: The operation's input.
        key: The object's.
        current: ETag and time of writing (ms) of the current object; None: there is none.
        begun_ms: When the upload began.
        existed: Whether there was an object then.

    Raises:
        PreconditionFailed, NoSuchKey: As `check_write`.
        ConditionalRequestConflict: The key was written or deleted meanwhile.
    """
    check_write(request, key, None if current is None else current[0])
    if request.get("IfNoneMatch") is not None and existed:
        raise ConditionalRequestConflict("If-None-Match", key)
    if request.get("IfMatch") is not None and current is not None and current[1] > begun_ms:
        raise ConditionalRequestConflict("If-Match", key)


def matches(header: str, etag: str) -> bool:
    """Tell whether a list of entity tags (quotes optional, as S3 allows) names `etag`."""
    wanted = etag.strip('"')
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or wanted in tags
