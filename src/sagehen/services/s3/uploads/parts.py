"""UploadPart and UploadPartCopy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.services.s3.access.conditions import part_conditions
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_object
from sagehen.services.s3.contents.checksums import MAX_PUT_BYTES, Digest, expectation, member
from sagehen.services.s3.contents.segments import Draft, clip
from sagehen.services.s3.encryption.customer_keys import shown_key
from sagehen.services.s3.encryption.kms_keys import asker
from sagehen.services.s3.errors.bodies import EntityTooLarge
from sagehen.services.s3.errors.requests import InvalidArgument, InvalidRequest
from sagehen.services.s3.objects.access import copy_source
from sagehen.services.s3.objects.copies import read_segments, read_source
from sagehen.services.s3.objects.details import check_built
from sagehen.services.s3.objects.ranges import copy_source_range
from sagehen.services.s3.objects.writes import opaque_etag
from sagehen.services.s3.records.uploads import Part, Upload
from sagehen.services.s3.records.version_ids import made_version_id

# Documented: Amazon S3 multipart upload limits.
_MAX_PART_NUMBER = 10_000


def _copy_access(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    yield from copy_source(owner, context, request)
    yield from on_object("PutObject", conditions=part_conditions)(owner, context, request)


class Parts(Resource):
    """UploadPart and UploadPartCopy: a number that comes again takes the earlier part's place."""

    def _upload(self, request: Mapping[str, Any]) -> Upload:
        # Before the upload is looked for (from memory).
        number = request["PartNumber"]
        if not 1 <= number <= _MAX_PART_NUMBER:
            raise InvalidArgument(
                f"Part number must be an integer between 1 and {_MAX_PART_NUMBER}, inclusive",
                "partNumber",
                number,
            )
        check_built(request)
        bucket = self.state.bucket(request)
        return self.state.uploads.require(bucket.name, request["Key"], request["UploadId"])

    @operation("UploadPart", access=on_object("PutObject", conditions=part_conditions), anonymous=True)
    async def upload_part(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        upload = self._upload(request)
        expected = expectation(request, context.headers)
        if upload.checksum_asked and expected.algorithm != upload.checksum_algorithm:
            raise InvalidRequest(
                "Checksum Type mismatch occurred, expected checksum Type: "
                f"{upload.checksum_algorithm.lower()}, actual checksum Type: "
                f"{(expected.algorithm or 'null').lower()}"
            )
        # Without a choice at the beginning, the object gets CRC64NVME whatever the parts come with.
        stored = upload.checksum_algorithm
        digest = Digest(expected.algorithm or stored, stored)
        bucket = self.state.bucket(request)
        cipher = self.state.sealing.of_part(asker(context), bucket, upload.details, request)
        draft = await self.state.contents.receive(request.get("Body"), expected, digest, cipher)
        answer = await self._store(upload, request, draft, digest)
        if expected.algorithm is not None:
            answer[member(expected.algorithm)] = digest.checksum.value()
        return answer

    @operation("UploadPartCopy", access=_copy_access, anonymous=True)
    async def upload_part_copy(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        upload = self._upload(request)
        source_bucket, _, source = read_source(self, context, request)
        bucket = self.state.bucket(request)
        cipher = self.state.sealing.of_part(asker(context), bucket, upload.details, request)
        segments = read_segments(self, context, source_bucket, source, request)
        if request.get("CopySourceRange"):
            wanted = copy_source_range(request["CopySourceRange"], source.size)
            segments = clip(segments, wanted.start, wanted.length)
        size = sum(part.length for part in segments)
        if size > MAX_PUT_BYTES:
            raise EntityTooLarge(size, MAX_PUT_BYTES)
        digest = await self.state.contents.digest(segments, upload.checksum_algorithm)
        draft = await self.state.contents.copy(segments, cipher)
        stored = await self._store(upload, request, draft, digest)
        result = {"ETag": stored.pop("ETag"), "LastModified": self.state.now()}
        if upload.checksum_asked:
            result[member(upload.checksum_algorithm)] = digest.checksum.value()
        answer: dict[str, Any] = {"CopyPartResult": result, **stored}
        if (source_id := made_version_id(source)) is not None:
            answer["CopySourceVersionId"] = source_id
        return answer

    async def _store(
        self, upload: Upload, request: Mapping[str, Any], draft: Draft, digest: Digest
    ) -> dict[str, Any]:
        etag = opaque_etag(self.state) if upload.details.get("Sealing") else digest.etag
        part = Part(
            request["PartNumber"],
            draft.content_id,
            digest.size,
            etag,
            digest.stored.value(),
            self.state.now(),
        )
        await self.state.contents.keep(draft, self._put(upload, part, draft))
        return {"ETag": part.etag, **(upload.details.get("Encryption") or {}), **shown_key(request)}

    async def _put(self, upload: Upload, part: Part, draft: Draft) -> tuple[None, list[str]]:
        return None, await self.state.uploads.put_part(upload.upload_id, part, draft)
