"""ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.identity import canonical_id
from sagehen.services.s3.access import list_conditions, on_bucket
from sagehen.services.s3.bucket_records import Bucket, moment, shown_moment
from sagehen.services.s3.errors import InvalidArgument
from sagehen.services.s3.initiators import initiator
from sagehen.services.s3.listing_pages import Page, Seek, common_prefix, list_page, successor
from sagehen.services.s3.state import Resource
from sagehen.store.database import Row

_PAGE = 1000


def page_size(request: Mapping[str, Any], member: str, argument: str) -> int:
    """Return the size of the page: 1000 at most, whatever was asked for."""
    asked = request.get(member)
    if asked is None:
        return _PAGE
    if not 0 <= asked <= 2**31 - 1:
        raise InvalidArgument(
            f"Argument {argument} must be an integer between 0 and 2147483647", argument, asked
        )
    return min(int(asked), _PAGE)


def encoder(request: Mapping[str, Any]) -> Callable[[str], str]:
    """Return how keys are written in the answer: as they are, or URL-encoded."""
    encoding = request.get("EncodingType")
    if encoding is None:
        return str
    if encoding != "url":
        raise InvalidArgument("Invalid Encoding Method specified in Request", "encoding-type", encoding)
    return lambda text: quote_plus(text, safe="/*")


def _frame(request: Mapping[str, Any], bucket: Bucket, page: Page) -> dict[str, Any]:
    """Return what all listings say of themselves."""
    encode = encoder(request)
    frame: dict[str, Any] = {
        "Prefix": encode(request.get("Prefix") or ""),
        "IsTruncated": page.truncated,
        "CommonPrefixes": [{"Prefix": encode(prefix)} for prefix in page.common_prefixes],
    }
    if request.get("Delimiter"):
        frame["Delimiter"] = encode(request["Delimiter"])
    if request.get("EncodingType"):
        frame["EncodingType"] = request["EncodingType"]
    return frame


def _after(key: str, prefix: str, delimiter: str) -> Seek | None:
    """Return where a listing goes on behind a marker, which may be a common prefix or lie in one."""
    if not key:
        return None
    folded = common_prefix(key, prefix, delimiter) if key.startswith(prefix) else None
    if folded is not None:  # it was shown as this prefix already, all of it
        beyond = successor(folded)
        if beyond is not None:
            return Seek(beyond)
    return Seek(key, inclusive=False)


class ObjectListings(Resource):
    def _page(self, request: Mapping[str, Any], bucket: Bucket, start: Seek | None) -> Page:
        def fetch(seek: Seek, high: str | None, limit: int) -> Sequence[Row]:
            return self.state.objects.page(bucket.name, seek.low, high, seek.inclusive, limit)

        limit = page_size(request, "MaxKeys", "maxKeys")
        return list_page(fetch, request.get("Prefix") or "", request.get("Delimiter") or "", start, limit)

    @operation("ListObjects", access=on_bucket("ListBucket", list_conditions), anonymous=True)
    async def list_objects(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        marker, delimiter = request.get("Marker") or "", request.get("Delimiter") or ""
        page = self._page(request, bucket, _after(marker, request.get("Prefix") or "", delimiter))
        encode = encoder(request)
        answer = _frame(request, bucket, page) | {
            "Name": bucket.name,
            "Marker": encode(marker),
            "MaxKeys": page_size(request, "MaxKeys", "maxKeys"),
            "Contents": [_shown(row, encode, owner=True) for row in page.rows],
        }
        if page.truncated and delimiter:  # without one, the last key is the next marker
            answer["NextMarker"] = encode(page.last)
        return answer

    @operation("ListObjectsV2", access=on_bucket("ListBucket", list_conditions), anonymous=True)
    async def list_objects_v2(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        token, start_after = request.get("ContinuationToken"), request.get("StartAfter") or ""
        if token is not None:
            start: Seek | None = _read_token(token)
        else:
            start = Seek(start_after, inclusive=False) if start_after else None
        page = self._page(request, bucket, start)
        encode = encoder(request)
        owner = bool(request.get("FetchOwner"))
        answer = _frame(request, bucket, page) | {
            "Name": bucket.name,
            "MaxKeys": page_size(request, "MaxKeys", "maxKeys"),
            "KeyCount": page.count,
            "Contents": [_shown(row, encode, owner) for row in page.rows],
        }
        if start_after and token is None:
            answer["StartAfter"] = encode(start_after)
        if token is not None:
            answer["ContinuationToken"] = token
        if page.truncated:
            answer["NextContinuationToken"] = _token(page)
        return answer


def _shown(row: Row, encode: Callable[[str], str], owner: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Key": encode(row["key"]),
        "LastModified": shown_moment(row["modified_ms"]),
        "ETag": row["etag"],
        "Size": row["size"],
        "StorageClass": row["storage_class"],
    }
    if row["checksum_algorithm"]:
        shown["ChecksumAlgorithm"] = [row["checksum_algorithm"]]
        shown["ChecksumType"] = row["checksum_type"]
    if owner:
        shown["Owner"] = {"ID": canonical_id(row["owner_id"])}
    return shown


def _token(page: Page) -> str:
    """Write where a page ended: `k` a key, `p` a common prefix."""
    kind = "k" if page.last_row is not None else "p"
    return base64.urlsafe_b64encode(f"{kind}{page.last}".encode()).decode()


def _read_token(token: str) -> Seek:
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, ValueError):
        text = ""
    kind, last = text[:1], text[1:]
    if kind == "k":
        return Seek(last, inclusive=False)
    if kind == "p":
        return Seek(successor(last) or last)
    raise InvalidArgument("The continuation token provided is incorrect", "continuation-token", token or None)


class VersionListings(Resource):
    @operation("ListObjectVersions", access=on_bucket("ListBucketVersions", list_conditions), anonymous=True)
    async def list_object_versions(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        key_marker, version_marker = request.get("KeyMarker") or "", request.get("VersionIdMarker") or ""
        if version_marker and not key_marker:
            raise InvalidArgument(
                "A version-id marker cannot be specified without a key marker.",
                "version-id-marker",
                version_marker,
            )

        def fetch(seek: Seek, high: str | None, limit: int) -> Sequence[Row]:
            # A sequence below every one leaves nothing of the key, one above every one all of it.
            below = 2**62 if seek.inclusive else (seek.behind or 0)
            return self.state.objects.version_page(bucket.name, seek.low, high, below, limit)

        prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
        limit = page_size(request, "MaxKeys", "max-keys")
        start = _after(key_marker, prefix, delimiter)
        if version_marker:
            marked = self.state.objects.get(bucket.name, key_marker, version_marker)
            # Behind a version that was deleted meanwhile, what is left of its key comes (recorded).
            start = Seek(key_marker, inclusive=False, behind=marked.sequence if marked else 2**62)
        page = list_page(fetch, prefix, delimiter, start, limit)
        encode = encoder(request)
        answer = _frame(request, bucket, page) | {
            "Name": bucket.name,
            "KeyMarker": encode(key_marker),
            "VersionIdMarker": version_marker,
            "MaxKeys": limit,
            "Versions": [_shown_version(row, encode) for row in page.rows if not row["is_marker"]],
            "DeleteMarkers": [_shown_marker(row, encode) for row in page.rows if row["is_marker"]],
        }
        if page.truncated:
            answer["NextKeyMarker"] = encode(page.last)
            if page.last_row is not None:
                answer["NextVersionIdMarker"] = page.last_row["version_id"]
        return answer


def _shown_version(row: Row, encode: Callable[[str], str]) -> dict[str, Any]:
    shown = _shown(row, encode, owner=True)
    return shown | {"VersionId": row["version_id"], "IsLatest": bool(row["is_latest"])}


def _shown_marker(row: Row, encode: Callable[[str], str]) -> dict[str, Any]:
    return {
        "Key": encode(row["key"]),
        "VersionId": row["version_id"],
        "IsLatest": bool(row["is_latest"]),
        "LastModified": shown_moment(row["modified_ms"]),
        "Owner": {"ID": canonical_id(row["owner_id"])},
    }


class UploadListings(Resource):
    @operation(
        "ListMultipartUploads",
        access=on_bucket("ListBucketMultipartUploads", list_conditions),
        anonymous=True,
    )
    async def list_multipart_uploads(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        key_marker, upload_marker = request.get("KeyMarker") or "", request.get("UploadIdMarker") or ""

        def fetch(seek: Seek, high: str | None, limit: int) -> Sequence[Row]:
            above = -1 if seek.inclusive else (2**62 if seek.behind is None else seek.behind)
            return self.state.uploads.page(bucket.name, seek.low, high, above, limit)

        prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
        limit = page_size(request, "MaxUploads", "max-uploads")
        start = _after(key_marker, prefix, delimiter)
        if key_marker and upload_marker:
            marked = self.state.uploads.get(upload_marker)
            # One that has ended is none any more, and the listing goes on behind its key; from memory.
            if marked is not None and (marked.bucket, marked.key) != (bucket.name, key_marker):
                raise InvalidArgument("Invalid uploadId marker", "upload-id-marker", upload_marker)
            start = Seek(key_marker, inclusive=False, behind=marked.sequence if marked else None)
        page = list_page(fetch, prefix, delimiter, start, limit)
        encode = encoder(request)
        answer = _frame(request, bucket, page)
        if not prefix:  # the one listing that does not repeat an empty one (recorded)
            del answer["Prefix"]
        answer |= {
            "Bucket": bucket.name,
            "KeyMarker": encode(key_marker),
            "UploadIdMarker": upload_marker,
            "MaxUploads": limit,
            "Uploads": [_shown_upload(row, bucket, encode) for row in page.rows],
        }
        # The last upload, also where nothing follows; empty behind a common prefix (both recorded).
        last = page.last_row
        answer["NextKeyMarker"] = "" if last is None else encode(last["key"])
        answer["NextUploadIdMarker"] = "" if last is None else last["upload_id"]
        return answer


def _shown_upload(row: Row, bucket: Bucket, encode: Callable[[str], str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Key": encode(row["key"]),
        "UploadId": row["upload_id"],
        "Initiated": moment(row["initiated_ms"]),
        "StorageClass": row["storage_class"],
        "Owner": bucket.owner,
        "Initiator": initiator(row["initiator"]),
    }
    if row["checksum_asked"]:
        shown |= {"ChecksumAlgorithm": row["checksum_algorithm"], "ChecksumType": row["checksum_type"]}
    return shown
