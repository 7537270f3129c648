"""ListObjectVersions: versions and delete markers, newest first within a key."""

from __future__ import annotations

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
from sagehen.services.s3.listings.objects import shown_object
from sagehen.services.s3.listings.pages import Seek, list_page
from sagehen.services.s3.records.moments import shown_moment
from sagehen.store.database import Row


class VersionListings(Resource):
    """Every version; their pages go on behind a key and a version id."""

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
        start = after(key_marker, prefix, delimiter)
        if version_marker:
            marked = self.state.objects.get(bucket.name, key_marker, version_marker)
            # Behind a version that was deleted meanwhile, what is left of its key comes (recorded).
            start = Seek(key_marker, inclusive=False, behind=marked.sequence if marked else 2**62)
        page = list_page(fetch, prefix, delimiter, start, limit)
        encode = encoder(request)
        answer = frame(request, bucket, page) | {
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
    shown = shown_object(row, encode, owner=True)
    return shown | {"VersionId": row["version_id"], "IsLatest": bool(row["is_latest"])}


def _shown_marker(row: Row, encode: Callable[[str], str]) -> dict[str, Any]:
    return {
        "Key": encode(row["key"]),
        "VersionId": row["version_id"],
        "IsLatest": bool(row["is_latest"]),
        "LastModified": shown_moment(row["modified_ms"]),
        "Owner": {"ID": canonical_id(row["owner_id"])},
    }
