"""Multipart uploads: begun, completed, aborted, listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.services.s3.access.conditions import completion_conditions
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_object
from sagehen.services.s3.contents.checksums import (
    DEFAULT_ALGORITHM,
    member,
    supported,
)
from sagehen.services.s3.contents.combination import checksum_type_of, combine, combined_etag
from sagehen.services.s3.encryption.customer_keys import customer_key, shown_key
from sagehen.services.s3.encryption.kms_keys import asker
from sagehen.services.s3.encryption.sealing import is_customers
from sagehen.services.s3.errors.requests import InvalidArgument, InvalidRequest
from sagehen.services.s3.lifecycle.announcements import abortion, expiration
from sagehen.services.s3.objects.access import put_object
from sagehen.services.s3.objects.conditions import check_completion
from sagehen.services.s3.objects.details import shown_encryption
from sagehen.services.s3.objects.writes import prepare_upload, shown_upload
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.uploads import Part, Upload, assemble
from sagehen.services.s3.records.versions import Version
from sagehen.services.s3.uploads.completion import (
    chosen_parts,
    verify_whole,
)
from sagehen.services.s3.uploads.initiators import initiator
from sagehen.store.database import Transaction

# Documented: ListParts.
_LIST_LIMIT = 1000
# In an upload's details: when it began (ms), and whether its key had an object then.
_BEGINNING = "Beginning"
# In an upload's details: the account that its object will belong to.
_OWNER = "Owner"
_OF_THE_UPLOAD = (_BEGINNING, _OWNER)
# In a version's details: when its upload was completed (ms); it is as old as the upload's beginning.
_COMPLETED = "CompletedMs"


class MultipartUploads(Resource):
    """An upload from its beginning to its end; parts come in by `parts`."""

    @operation("CreateMultipartUpload", access=put_object, anonymous=True)
    async def create_multipart_upload(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket, version = prepare_upload(self.state, request, context)
        version, _ = await self.state.sealing.of_upload(asker(context), bucket, version, request)
        # A type needs an algorithm; without either the object gets S3's default (from memory).
        asked = request.get("ChecksumAlgorithm")
        if request.get("ChecksumType") and not asked:
            raise InvalidRequest(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            )
        algorithm = supported(asked.upper()) if asked else DEFAULT_ALGORITHM
        upload = Upload(
            upload_id=self.state.ids.hex(64),
            bucket=version.bucket,
            key=version.key,
            initiated_at=version.last_modified,
            initiator=context.principal.arn,
            storage_class=version.storage_class,
            checksum_algorithm=algorithm,
            checksum_type=checksum_type_of(algorithm, request.get("ChecksumType")),
            checksum_asked=bool(asked),
            tags=version.tags,
            details={
                **version.details,
                _BEGINNING: self._beginning(version),
                _OWNER: version.owner_id,
            },
        )
        await self.state.uploads.create(upload)
        answer: dict[str, Any] = {
            "Bucket": upload.bucket,
            "Key": upload.key,
            "UploadId": upload.upload_id,
            **shown_encryption(version),
            **shown_key(request),
            **abortion(self.state.buckets, upload.bucket, upload.key, upload.initiated_at),
        }
        if asked:
            answer |= {"ChecksumAlgorithm": algorithm, "ChecksumType": upload.checksum_type}
        return answer

    @operation(
        "CompleteMultipartUpload",
        access=on_object("PutObject", conditions=completion_conditions),
        anonymous=True,
    )
    async def complete_multipart_upload(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        finished = self.state.objects.get(bucket.name, request["Key"])
        # A client that lost the answer asks again: S3 repeats it.
        if finished is not None and finished.details.get("UploadId") == request["UploadId"]:
            return self._answer(context, bucket, finished)
        upload = self.state.uploads.require(bucket.name, request["Key"], request["UploadId"])
        # AWS reads the parts that it joins; a customer's key it needs only if it is sent.
        if customer_key(request) is not None or not is_customers(upload.details):
            self.state.sealing.of_part(asker(context), bucket, upload.details, request)
        if request.get("MultipartUpload") is None:
            raise InvalidRequest("You must specify at least one part")
        named = request["MultipartUpload"].get("Parts") or []
        parts = chosen_parts(upload, named, self.state.uploads.parts(upload.upload_id))
        version = self._completed(request, upload, parts)
        blob_ids: list[str] = []

        def take_over(tx: Transaction) -> None:
            blob_ids.extend(assemble(tx, upload.upload_id, parts, version.content_id))

        def check(current: Version | None) -> None:
            begun_ms, existed = upload.details.get(_BEGINNING) or (0, False)
            found = None if current is None else (current.etag, _written_ms(current))
            check_completion(request, upload.key, found, begun_ms, existed)

        stored, replaced = await self.state.objects.put(
            version, self.state.new_version_id(), take_over, check
        )
        self.state.contents.remove([*blob_ids, *replaced])
        await self.state.events.created(context, bucket, stored, "CompleteMultipartUpload")
        return self._answer(context, bucket, stored)

    def _beginning(self, version: Version) -> tuple[int, bool]:
        """Return the moment (ms) and whether there is an object: a conditional completion asks for both."""
        current = self.state.objects.get(version.bucket, version.key)
        return version.written_ms, current is not None and not current.is_marker

    def _answer(self, context: RequestContext, bucket: Bucket, version: Version) -> dict[str, Any]:
        scheme = "https" if context.secure else "http"
        return {
            "Location": f"{scheme}://{context.host}/{bucket.name}/{quote(version.key)}",
            "Bucket": bucket.name,
            "Key": version.key,
            **shown_upload(version),
            **expiration(self.state.buckets, version),
        }

    def _completed(self, request: Mapping[str, Any], upload: Upload, parts: Sequence[Part]) -> Version:
        size = sum(part.size for part in parts)
        expected_size = request.get("MpuObjectSize")
        if expected_size is not None and int(expected_size) != size:
            raise InvalidRequest(
                f"The provided 'x-amz-mp-object-size' header value {expected_size} does not match what was "
                f"computed: {size}"
            )
        checksum = combine(
            upload.checksum_algorithm, upload.checksum_type, [(part.checksum, part.size) for part in parts]
        )
        verify_whole(request, upload, checksum)
        listed = [[part.number, part.size, part.checksum] for part in parts]
        return Version(
            bucket=upload.bucket,
            key=upload.key,
            version_id="",
            owner_id=upload.details.get(_OWNER) or self.state.buckets.require(upload.bucket).account_id,
            # An object is as old as its upload's beginning, says S3.
            last_modified=upload.initiated_at,
            size=size,
            etag=combined_etag([part.etag for part in parts]),
            storage_class=upload.storage_class,
            checksum_algorithm=upload.checksum_algorithm,
            checksum_type=upload.checksum_type,
            checksum=checksum,
            tags=upload.tags,
            details={
                **{name: value for name, value in upload.details.items() if name not in _OF_THE_UPLOAD},
                "Parts": listed,
                "UploadId": upload.upload_id,
                _COMPLETED: self.state.now_ms(),
            },
            content_id=self.state.ids.hex(32),
        )

    @operation("AbortMultipartUpload", access=on_object("AbortMultipartUpload"), anonymous=True)
    async def abort_multipart_upload(self, context: RequestContext, request: Request) -> Reply:
        bucket = self.state.bucket(request)
        upload = self.state.uploads.require(bucket.name, request["Key"], request["UploadId"])
        self.state.contents.remove(await self.state.uploads.abort(upload.upload_id))
        return Reply(status=204)

    @operation("ListParts", access=on_object("ListMultipartUploadParts"), anonymous=True)
    async def list_parts(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        upload = self.state.uploads.require(bucket.name, request["Key"], request["UploadId"])
        limit = _LIST_LIMIT if request.get("MaxParts") is None else request["MaxParts"]
        if limit < 0:
            raise InvalidArgument(
                "Argument max-parts must be an integer between 0 and 2147483647", "max-parts", limit
            )
        # More than a page may be asked for, and is not given.
        limit = min(limit, _LIST_LIMIT)
        marker = int(request.get("PartNumberMarker") or 0)
        parts = self.state.uploads.parts(upload.upload_id, marker, limit + 1)
        shown = parts[:limit]
        answer: dict[str, Any] = {
            "Bucket": bucket.name,
            "Key": upload.key,
            "UploadId": upload.upload_id,
            "PartNumberMarker": marker,
            "NextPartNumberMarker": shown[-1].number if shown else 0,
            "MaxParts": limit,
            "IsTruncated": len(parts) > len(shown) > 0,
            "Parts": [_shown_part(upload, part) for part in shown],
            "Initiator": initiator(upload.initiator),
            "Owner": bucket.owner,
            "StorageClass": upload.storage_class,
            **abortion(self.state.buckets, upload.bucket, upload.key, upload.initiated_at),
        }
        if upload.checksum_asked:
            answer |= {"ChecksumAlgorithm": upload.checksum_algorithm, "ChecksumType": upload.checksum_type}
        return answer


def _written_ms(version: Version) -> int:
    completed: int | None = version.details.get(_COMPLETED)
    return version.written_ms if completed is None else completed


def _shown_part(upload: Upload, part: Part) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "PartNumber": part.number,
        "LastModified": part.modified_at,
        "ETag": part.etag,
        "Size": part.size,
    }
    if upload.checksum_asked:
        shown[member(upload.checksum_algorithm)] = part.checksum
    return shown
