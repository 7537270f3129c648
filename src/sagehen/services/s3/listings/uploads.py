"""ListMultipartUploads: what was begun and has not ended, oldest first within a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.s3.access.conditions import list_conditions
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.errors.requests import InvalidArgument
from sagehen.services.s3.listings.frames import after, encoder, frame, page_size
from sagehen.services.s3.listings.pages import Seek, list_page
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.moments import moment
from sagehen.services.s3.uploads.initiators import initiator
from sagehen.store.database import Row


class UploadListings(Resource):
    """Uploads in progress; their pages go on behind a key and an upload id."""

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
        start = after(key_marker, prefix, delimiter)
        if key_marker and upload_marker:
            marked = self.state.uploads.get(upload_marker)
            # One that has ended is none any more, and the listing goes on behind its key; from memory.
            if marked is not None and (marked.bucket, marked.key) != (bucket.name, key_marker):
                raise InvalidArgument("Invalid uploadId marker", "upload-id-marker", upload_marker)
            start = Seek(key_marker, inclusive=False, behind=marked.sequence if marked else None)
        page = list_page(fetch, prefix, delimiter, start, limit)
        encode = encoder(request)
        answer = frame(request, bucket, page)
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
