"""ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.identity import canonical_id
from sagehen.services.s3.access.conditions import list_conditions
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.errors.requests import InvalidArgument
from sagehen.services.s3.listings.frames import after, encoder, frame, page_size
from sagehen.services.s3.listings.pages import Page, Seek, list_page
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.keys import successor
from sagehen.services.s3.records.moments import shown_moment
from sagehen.store.database import Row


class ObjectListings(Resource):
    """Current objects. V2 pages by an opaque token, the older one by the last key."""

    def _page(self, request: Mapping[str, Any], bucket: Bucket, start: Seek | None) -> Page:
        def fetch(seek: Seek, high: str | None, limit: int) -> Sequence[Row]:
            return self.state.objects.page(bucket.name, seek.low, high, seek.inclusive, limit)

        limit = page_size(request, "MaxKeys", "maxKeys")
        return list_page(fetch, request.get("Prefix") or "", request.get("Delimiter") or "", start, limit)

    @operation("ListObjects", access=on_bucket("ListBucket", list_conditions), anonymous=True)
    async def list_objects(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        marker, delimiter = request.get("Marker") or "", request.get("Delimiter") or ""
        page = self._page(request, bucket, after(marker, request.get("Prefix") or "", delimiter))
        encode = encoder(request)
        answer = frame(request, bucket, page) | {
            "Name": bucket.name,
            "Marker": encode(marker),
            "MaxKeys": page_size(request, "MaxKeys", "maxKeys"),
            "Contents": [shown_object(row, encode, owner=True) for row in page.rows],
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
        answer = frame(request, bucket, page) | {
            "Name": bucket.name,
            "MaxKeys": page_size(request, "MaxKeys", "maxKeys"),
            "KeyCount": page.count,
            "Contents": [shown_object(row, encode, owner) for row in page.rows],
        }
        if start_after and token is None:
            answer["StartAfter"] = encode(start_after)
        if token is not None:
            answer["ContinuationToken"] = token
        if page.truncated:
            answer["NextContinuationToken"] = _token(page)
        return answer


def shown_object(row: Row, encode: Callable[[str], str], owner: bool) -> dict[str, Any]:
    """Return an object's entry; the owner is V1's always, and V2's on demand (FetchOwner)."""
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
