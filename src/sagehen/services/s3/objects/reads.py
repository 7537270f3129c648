"""GetObject and HeadObject."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.identity import PrincipalKind
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_object
from sagehen.services.s3.contents.checksums import member
from sagehen.services.s3.contents.segments import opened
from sagehen.services.s3.encryption.customer_keys import shown_key
from sagehen.services.s3.encryption.kms_keys import asker
from sagehen.services.s3.encryption.sealing import check_customer_key
from sagehen.services.s3.errors.objects import InvalidPartNumber, OperationAborted
from sagehen.services.s3.errors.requests import InvalidArgument, InvalidRequest
from sagehen.services.s3.lifecycle.announcements import expiration
from sagehen.services.s3.object_lock.locks import LOCK
from sagehen.services.s3.object_lock.operations import shown_lock
from sagehen.services.s3.objects.conditions import Outcome, check_read
from sagehen.services.s3.objects.details import check_built, shown_details
from sagehen.services.s3.objects.ranges import ByteRange, requested_range
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.version_ids import shown_version_id
from sagehen.services.s3.records.versions import Version

# A key that is written without pause may be missed again, but hardly four times.
_READ_AGAIN = 3
_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}
# As the query spells them: `response-content-type`.
_PARAMETERS = {query: re.sub(r"(?<!^)(?=[A-Z])", "-", query).lower() for query in _OVERRIDES}
# AWS's words are recorded for what ISO-8859-1 lacks; control characters it has, but no header may.
_HEADER_TEXT = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class ObjectReads(Resource):
    """GetObject and HeadObject: the same answer, with bytes or without."""

    @operation("GetObject", access=on_object("GetObject"), anonymous=True)
    async def get_object(self, context: RequestContext, request: Request) -> Reply:
        for _ in range(_READ_AGAIN):  # an upload that came between record and bytes is no fault of the reader
            with suppress(OperationAborted):
                return self._answer(context, request, "GET")
        return self._answer(context, request, "GET")

    @operation("HeadObject", access=on_object("GetObject"), anonymous=True)
    async def head_object(self, context: RequestContext, request: Request) -> Reply:
        return self._answer(context, request, "HEAD")

    def _answer(self, context: RequestContext, request: Request, method: str) -> Reply:
        check_built(request)
        bucket = self.state.bucket(request)
        version = self.find_version(context, request, method)
        cipher = None
        # A HEAD tells nothing that KMS's key protects, except the checksum.
        if method == "GET" or request.get("ChecksumMode") == "ENABLED":
            cipher = self.state.sealing.of_read(asker(context), bucket, version, request)
        else:
            check_customer_key(version, request)
        if (
            check_read(request, version.etag, version.last_modified, self.state.clock.now())
            is Outcome.NOT_MODIFIED
        ):
            return Reply(_identity(bucket, version), status=304)
        chosen = _chosen_bytes(request, version)
        start, length = (chosen.start, chosen.length) if chosen else (0, version.size)
        result = _identity(bucket, version) | shown_details(version) | _overrides(context, request)
        result |= shown_key(request) | expiration(self.state.buckets, version)
        if version.details.get(LOCK):
            result |= shown_lock(self, context, bucket, version)
        result |= {"AcceptRanges": "bytes", "ContentLength": length}
        if version.storage_class != "STANDARD":
            result["StorageClass"] = version.storage_class
        if version.tags:
            result["TagCount"] = len(version.tags)
        if chosen:
            result["ContentRange"] = chosen.content_range
        if request.get("PartNumber") is not None and version.parts:
            result["PartsCount"] = len(version.parts)
        if request.get("ChecksumMode") == "ENABLED":
            result |= _checksum(version, request, chosen)
        if method == "GET":
            segments = opened(self.state.objects.segments(version), cipher)
            result["Body"] = self.state.contents.body(segments, start, length)
        return Reply(result, status=206 if chosen else 200)


def _identity(bucket: Bucket, version: Version) -> dict[str, Any]:
    identity: dict[str, Any] = {"ETag": version.etag, "LastModified": version.last_modified}
    if (version_id := shown_version_id(bucket, version)) is not None:
        identity["VersionId"] = version_id
    return identity


def _chosen_bytes(request: Mapping[str, Any], version: Version) -> ByteRange | None:
    """Return the bytes that a Range or a PartNumber asks for; None means all, with status 200."""
    number = request.get("PartNumber")
    if number is None:
        return requested_range(request.get("Range"), version.size)
    # These two: words of public reports and other implementations; not recorded.
    if request.get("Range"):
        raise InvalidRequest("Cannot specify both Range header and partNumber query parameter")
    start = 0
    for part, size, _ in version.parts or [[1, version.size, ""]]:
        if part == number:
            # An empty object has no range of bytes to name.
            return ByteRange(start, size, version.size) if version.size else None
        start += size
    raise InvalidPartNumber(number, max(len(version.parts), 1))


def _checksum(version: Version, request: Mapping[str, Any], chosen: ByteRange | None) -> dict[str, Any]:
    """Return the checksum of what is sent: the object's, a part's, or none for another range."""
    value = version.checksum
    if request.get("PartNumber") is not None and version.parts:
        value = next((part[2] for part in version.parts if part[0] == request["PartNumber"]), "")
    elif chosen is not None and chosen.length != version.size:
        value = ""
    if not value:
        return {}
    return {member(version.checksum_algorithm): value, "ChecksumType": version.checksum_type}


def _overrides(context: RequestContext, request: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {name: request[query] for query, name in _OVERRIDES.items() if request.get(query) is not None}
    # Documented: GetObject, response headers can be overridden by signed requests only.
    if wanted and context.principal.kind is PrincipalKind.ANONYMOUS:
        raise InvalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
    if isinstance(wanted.get("Expires"), datetime):
        wanted["Expires"] = format_datetime(wanted["Expires"], usegmt=True)
    for query, name in _OVERRIDES.items():
        if name in wanted and _HEADER_TEXT.fullmatch(wanted[name]) is None:
            text = "Header value cannot be represented using ISO-8859-1."
            raise InvalidArgument(text, _PARAMETERS[query], wanted[name])
    return wanted
