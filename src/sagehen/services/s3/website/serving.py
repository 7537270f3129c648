"""Websites: answers browsers from a bucket that is configured as one. Everybody is nobody here.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

from sagehen.api.errors import ServiceError
from sagehen.api.streams import ResponseBody
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.access import AccessDenied as Refused
from sagehen.domain.identity import ANONYMOUS
from sagehen.services.s3.access.rules import object_access
from sagehen.services.s3.contents.segments import opened
from sagehen.services.s3.encryption.kms_keys import Asker
from sagehen.services.s3.errors.buckets import NoSuchBucket
from sagehen.services.s3.errors.objects import InvalidRange, NoSuchKey, PreconditionFailed
from sagehen.services.s3.errors.requests import AccessDenied, MethodNotAllowed
from sagehen.services.s3.errors.unset import NoSuchWebsiteConfiguration
from sagehen.services.s3.grants.rights import granted_on_bucket
from sagehen.services.s3.objects.conditions import Outcome, check_read
from sagehen.services.s3.objects.ranges import requested_range
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.versions import Version
from sagehen.services.s3.state import S3State
from sagehen.services.s3.website.operations import KIND
from sagehen.services.s3.website.pages import error_page
from sagehen.services.s3.website.routing import (
    Asked,
    Redirect,
    index_key,
    redirect_by_rule,
    redirect_of_everything,
)

_HEADERS = {
    "ContentType": "Content-Type",
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
    "ContentEncoding": "Content-Encoding",
    "ContentLanguage": "Content-Language",
    "Expires": "Expires",
}
_CONDITIONS = {
    "if-match": "IfMatch",
    "if-none-match": "IfNoneMatch",
    "if-modified-since": "IfModifiedSince",
    "if-unmodified-since": "IfUnmodifiedSince",
}


@dataclass(frozen=True, slots=True)
class WebsiteRequest:
    """A browser's request.

    Args:
        bucket: From the host name.
        path: As sent, still encoded; begins with `/`.
        query: As sent.
        headers: Lower-case names.
        ids: `RequestId` and `HostId`, as pages show them.
        environment: Condition keys of the request.
    """

    bucket: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    host: str
    secure: bool
    ids: Mapping[str, str]
    environment: Mapping[str, ConditionValue]

    @property
    def asked(self) -> Asked:
        return Asked("https" if self.secure else "http", self.host, unquote(self.path.removeprefix("/")))


@dataclass(slots=True)
class WebsiteResponse:
    """What a browser gets; the front door writes it out."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: ResponseBody = b""


class Websites:
    """Serves buckets as websites, with the rights of an anonymous caller."""

    def __init__(self, state: S3State) -> None:
        self._state = state

    def answer(self, request: WebsiteRequest) -> WebsiteResponse:
        """Answer a request; every failure is a page."""
        try:
            bucket = self._state.buckets.require(request.bucket)
            site = self._state.buckets.required(bucket.name, KIND, NoSuchWebsiteConfiguration)
            if request.method not in ("GET", "HEAD"):
                refusal = MethodNotAllowed(request.method, "OBJECT")
                refusal.headers["Allow"] = "HEAD, GET"
                raise refusal
        except (NoSuchBucket, NoSuchWebsiteConfiguration, MethodNotAllowed) as error:
            return _page(error, request, None)
        try:
            found = self._route(request, bucket, site)
        except ServiceError as error:
            return self._failed(request, bucket, site, error)
        if isinstance(found, Redirect):
            return WebsiteResponse(found.status, {"Location": found.location})
        return found

    def _route(
        self, request: WebsiteRequest, bucket: Bucket, site: Mapping[str, Any]
    ) -> WebsiteResponse | Redirect:
        asked = request.asked
        if (everything := site.get("RedirectAllRequestsTo")) is not None:
            query = f"?{request.query}" if request.query else ""
            return redirect_of_everything(everything, asked, request.path + query)
        # The root has no key that a prefix could be compared with (recorded).
        if asked.key and (redirect := redirect_by_rule(site.get("RoutingRules") or (), asked)) is not None:
            return redirect
        suffix = site["IndexDocument"]["Suffix"]
        key = index_key(asked.key, suffix)
        try:
            version = self._readable(request, bucket, key)
        except NoSuchKey:
            if key == asked.key and self._is_there(request, bucket, f"{key}/{suffix}"):
                return Redirect(302, f"{request.path}/")
            raise
        if (location := _redirect_location(version)) is not None:
            return Redirect(301, location)
        return self._served(request, bucket, version)

    def _failed(
        self, request: WebsiteRequest, bucket: Bucket, site: Mapping[str, Any], error: ServiceError
    ) -> WebsiteResponse:
        status = error.status or 500
        redirect = redirect_by_rule(site.get("RoutingRules") or (), request.asked, status)
        if redirect is not None:
            return WebsiteResponse(redirect.status, {"Location": redirect.location})
        document = (site.get("ErrorDocument") or {}).get("Key")
        if document is None or not 400 <= status < 500 or status in (412, 416):
            return _page(error, request, None)
        try:
            version = self._readable(request, bucket, document)
            if (location := _redirect_location(version)) is not None:
                return WebsiteResponse(301, {"Location": location})
            body = self._body(request, bucket, version, 0, version.size)
        except ServiceError as trouble:
            return _page(error, request, trouble)
        return WebsiteResponse(status, _headers(version), body)

    # --- objects ---------------------------------------------------------------------------

    def _readable(self, request: WebsiteRequest, bucket: Bucket, key: str) -> Version:
        """Return an object that everybody may read.

        Raises:
            AccessDenied: Not everybody may.
            NoSuchKey: There is none, and everybody may list the bucket.
        """
        version = self._state.objects.get(bucket.name, key)
        access = object_access(self._state, ANONYMOUS, bucket, key, version, "GetObject", None)
        if not self._state.authorizer.is_allowed(ANONYMOUS, access, request.environment):
            raise AccessDenied()
        if version is not None and not version.is_marker:
            return version
        listing = granted_on_bucket(self._state.buckets, bucket, "ListBucket", ANONYMOUS)
        access = Access("s3:ListBucket", bucket.arn, {"s3:prefix": ""}, listing)
        if not self._state.authorizer.is_allowed(ANONYMOUS, access, request.environment):
            raise AccessDenied()
        raise NoSuchKey(key)

    def _is_there(self, request: WebsiteRequest, bucket: Bucket, key: str) -> bool:
        try:
            self._readable(request, bucket, key)
        except (AccessDenied, NoSuchKey):
            return False
        return True

    def _served(self, request: WebsiteRequest, bucket: Bucket, version: Version) -> WebsiteResponse:
        headers = _headers(version)
        try:
            outcome = check_read(
                _conditions(request), version.etag, version.last_modified, self._state.clock.now()
            )
            if outcome is Outcome.NOT_MODIFIED:
                return WebsiteResponse(304, headers)
            chosen = requested_range(request.headers.get("range"), version.size)
        except (PreconditionFailed, InvalidRange) as error:
            return _page(error, request, None)
        if chosen is None:
            return WebsiteResponse(200, headers, self._body(request, bucket, version, 0, version.size))
        headers["Content-Range"] = chosen.content_range
        return WebsiteResponse(
            206, headers, self._body(request, bucket, version, chosen.start, chosen.length)
        )

    def _body(
        self, request: WebsiteRequest, bucket: Bucket, version: Version, start: int, length: int
    ) -> ResponseBody:
        try:
            cipher = self._state.sealing.of_read(
                Asker(ANONYMOUS, lambda: request.environment), bucket, version, {}
            )
        except Refused:
            raise AccessDenied() from None
        segments = opened(self._state.objects.segments(version), cipher)
        return self._state.contents.body(segments, start, length)


def _page(error: ServiceError, request: WebsiteRequest, custom: ServiceError | None) -> WebsiteResponse:
    status = error.status or 500
    headers = {"Content-Type": "text/html; charset=utf-8", **error.headers}
    headers |= {"x-amz-error-code": error.code, "x-amz-error-message": error.message}
    return WebsiteResponse(status, headers, error_page(error, status, request.ids, custom))


def _redirect_location(version: Version) -> str | None:
    headers = version.details.get("Headers") or {}
    location: str | None = headers.get("WebsiteRedirectLocation")
    return location


def _headers(version: Version) -> dict[str, str]:
    stored = version.details.get("Headers") or {}
    shown = {header: stored[name] for name, header in _HEADERS.items() if stored.get(name) is not None}
    shown |= {"ETag": version.etag, "Last-Modified": format_datetime(version.last_modified, usegmt=True)}
    metadata = version.details.get("Metadata") or {}
    return shown | {f"x-amz-meta-{name}": value for name, value in metadata.items()}


def _conditions(request: WebsiteRequest) -> dict[str, str | datetime]:
    conditions: dict[str, str | datetime] = {}
    for header, member in _CONDITIONS.items():
        text = request.headers.get(header)
        if text is None:
            continue
        if not header.endswith("since"):
            conditions[member] = text
            continue
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):  # a date that is none is no condition
            continue
        if moment.tzinfo is not None:
            conditions[member] = moment
    return conditions
