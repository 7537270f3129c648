"""GetObjectAttributes: what is known of an object without its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_object
from sagehen.services.s3.contents.checksums import COMPOSITE, member
from sagehen.services.s3.encryption.sealing import check_customer_key
from sagehen.services.s3.errors.requests import InvalidArgument
from sagehen.services.s3.objects.details import check_built
from sagehen.services.s3.records.version_ids import shown_version_id
from sagehen.services.s3.records.versions import Version

_ATTRIBUTES = ("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize")
# As of ListParts (documented); for attributes from memory.
_PARTS_PAGE = 1000


class Attributes(Resource):
    """GetObjectAttributes: only the attributes that are asked for, and of these those that there are."""

    @operation("GetObjectAttributes", access=on_object("GetObject", "GetObjectAttributes"), anonymous=True)
    async def get_object_attributes(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        check_built(request)
        # The model's enum is not checked before: AWS names all that were asked for (from memory).
        wanted = request.get("ObjectAttributes") or []
        for name in wanted:
            if name not in _ATTRIBUTES:
                raise InvalidArgument(
                    "Invalid attribute name specified.", "x-amz-object-attributes", ",".join(wanted)
                )
        version = self.find_version(context, request, "GET")
        check_customer_key(version, request)
        answer: dict[str, Any] = {"LastModified": version.last_modified}
        if (version_id := shown_version_id(self.state.bucket(request), version)) is not None:
            answer["VersionId"] = version_id
        known = {
            "ETag": version.etag.strip('"'),
            "Checksum": _checksum(version),
            "ObjectParts": _parts(version, request),
            "StorageClass": version.storage_class,
            "ObjectSize": version.size,
        }
        return answer | {name: known[name] for name in wanted if known[name] is not None}


def _checksum(version: Version) -> dict[str, Any] | None:
    if not version.checksum:
        return None
    value = version.checksum.partition("-")[0]
    return {member(version.checksum_algorithm): value, "ChecksumType": version.checksum_type}


def _parts(version: Version, request: Mapping[str, Any]) -> dict[str, Any] | None:
    if not version.parts:
        return None
    if version.checksum_type != COMPOSITE:  # S3 keeps no checksums of parts then, and tells their number
        return {"TotalPartsCount": len(version.parts)}
    marker = int(request.get("PartNumberMarker") or 0)
    limit = _PARTS_PAGE if request.get("MaxParts") is None else min(request["MaxParts"], _PARTS_PAGE)
    following = [part for part in version.parts if part[0] > marker]
    shown = following[:limit]
    return {
        "TotalPartsCount": len(version.parts),
        "PartNumberMarker": marker,
        "NextPartNumberMarker": shown[-1][0] if shown else 0,
        "MaxParts": limit,
        "IsTruncated": len(following) > len(shown),
        "Parts": [
            {"PartNumber": number, "Size": size, member(version.checksum_algorithm): checksum}
            for number, size, checksum in shown
        ],
    }
