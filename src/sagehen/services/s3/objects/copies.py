"""CopyObject: the same bytes under another name; blobs are linked, so size costs nothing."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.contents.checksums import (
    DEFAULT_ALGORITHM,
    FULL_OBJECT,
    MAX_PUT_BYTES,
    member,
    supported,
)
from sagehen.services.s3.contents.segments import Segment, opened
from sagehen.services.s3.encryption.customer_keys import shown_key
from sagehen.services.s3.encryption.kms_keys import asker
from sagehen.services.s3.errors.bodies import EntityTooLarge
from sagehen.services.s3.errors.objects import PreconditionFailed
from sagehen.services.s3.errors.requests import InvalidRequest
from sagehen.services.s3.lifecycle.announcements import expiration
from sagehen.services.s3.objects.access import copy_object
from sagehen.services.s3.objects.conditions import Outcome, check_read
from sagehen.services.s3.objects.copy_source import CopySource
from sagehen.services.s3.objects.details import HEADERS, check_built, shown_encryption
from sagehen.services.s3.objects.writes import condition, opaque_etag, prepare_upload, publish
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.version_ids import made_version_id
from sagehen.services.s3.records.versions import Version

# Any of these makes a copy onto itself a change.
_CHANGES = (
    "StorageClass",
    "ServerSideEncryption",
    "WebsiteRedirectLocation",
    "SSEKMSKeyId",
    "SSECustomerKey",
)


def read_source(
    resource: Resource, context: RequestContext, request: Mapping[str, Any]
) -> tuple[Bucket, CopySource, Version]:
    """Return the source of a copy whose conditions hold.

    Raises:
        NoSuchBucket, NoSuchKey, NoSuchVersion, PreconditionFailed.
    """
    named = CopySource.parse(request["CopySource"])
    bucket = resource.state.bucket(
        {"Bucket": named.bucket, "ExpectedBucketOwner": request.get("ExpectedSourceBucketOwner")}
    )
    version = resource.readable_version(context, bucket, named.key, named.version_id, "GET")
    outcome = check_read(
        request, version.etag, version.last_modified, resource.state.clock.now(), prefix="CopySource"
    )
    if outcome is Outcome.NOT_MODIFIED:
        raise PreconditionFailed(
            "x-amz-copy-source-If-None-Match"
            if request.get("CopySourceIfNoneMatch")
            else "x-amz-copy-source-If-Modified-Since"
        )
    return bucket, named, version


def read_segments(
    resource: Resource,
    context: RequestContext,
    bucket: Bucket,
    source: Version,
    request: Mapping[str, Any],
) -> Sequence[Segment]:
    """Return the bytes of a copy's source, with the key that reads them.

    Raises:
        InvalidRequest, AccessDenied: As a GetObject of the source would.
    """
    cipher = resource.state.sealing.of_read(asker(context), bucket, source, request, prefix="CopySource")
    return opened(resource.state.objects.segments(source), cipher)


class Copies(Resource):
    """CopyObject; parts that are copied are in `uploads.parts`."""

    @operation("CopyObject", access=copy_object, anonymous=True)
    async def copy_object(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        source_bucket, named, source = read_source(self, context, request)
        if source.size > MAX_PUT_BYTES:  # larger ones are copied in parts (documented: CopyObject)
            raise EntityTooLarge(source.size, MAX_PUT_BYTES)
        bucket, version = prepare_upload(self.state, _with_directives(request, source), context)
        segments = read_segments(self, context, source_bucket, source, request)
        version, cipher = await self.state.sealing.of_upload(asker(context), bucket, version, request)
        encrypted = self.state.buckets.has_configuration(bucket.name, "encryption")
        if not encrypted and shown_encryption(version) == shown_encryption(source):
            _refuse_idle_copy(request, named)
        version = await self._with_digest(request, source, segments, version)
        if cipher is not None:
            version = replace(version, etag=opaque_etag(self.state))
        draft = await self.state.contents.copy(segments, cipher)
        stored = await publish(self.state, version, draft, condition(request))
        await self.state.events.created(context, bucket, stored, "Copy")
        result: dict[str, Any] = {
            "ETag": stored.etag,
            "LastModified": stored.last_modified,
            member(stored.checksum_algorithm): stored.checksum,
            "ChecksumType": stored.checksum_type,
        }
        answer: dict[str, Any] = {
            "CopyObjectResult": result,
            **shown_encryption(stored),
            **shown_key(request),
        }
        answer |= expiration(self.state.buckets, stored)
        if (version_id := made_version_id(stored)) is not None:
            answer["VersionId"] = version_id
        if (source_id := made_version_id(source)) is not None:
            answer["CopySourceVersionId"] = source_id
        return answer

    async def _with_digest(
        self,
        request: Mapping[str, Any],
        source: Version,
        segments: Sequence[Segment],
        version: Version,
    ) -> Version:
        """Fill in ETag and checksum: taken over where they hold for one piece, computed elsewhere."""
        # A copy is one piece: of what was in parts the ETag is computed anew (from memory).
        algorithm = supported(request["ChecksumAlgorithm"]) if request.get("ChecksumAlgorithm") else ""
        wanted = algorithm or source.checksum_algorithm or DEFAULT_ALGORITHM
        if not source.parts and wanted == source.checksum_algorithm and not source.details.get("Sealing"):
            etag, checksum = source.etag, source.checksum
        else:
            digest = await self.state.contents.digest(segments, wanted)
            etag, checksum = digest.etag, digest.checksum.value()
        return replace(
            version,
            size=source.size,
            etag=etag,
            checksum_algorithm=wanted,
            checksum_type=FULL_OBJECT,
            checksum=checksum,
        )


def _with_directives(request: Request, source: Version) -> Mapping[str, Any]:
    """Return the request as an upload: metadata and tags from the source unless they are replaced."""
    upload: dict[str, Any] = {"Tagging": None}
    check_built(request)
    if (request.get("MetadataDirective") or "COPY") == "COPY":
        headers = source.details.get("Headers") or {}
        # All of the source's, and none of the request's (documented), but for where a website redirects to.
        upload |= {name: headers.get(name) for name in HEADERS if name != "WebsiteRedirectLocation"}
        upload["Metadata"] = source.details.get("Metadata") or {}
    if request.get("TaggingDirective") == "REPLACE":
        upload["Tagging"] = request.get("Tagging")
    elif source.tags:
        upload["Tagging"] = urlencode(source.tags)
    return ChainMap(upload, request)


def _refuse_idle_copy(request: Mapping[str, Any], source: CopySource) -> None:
    onto_itself = (source.bucket, source.key) == (request["Bucket"], request["Key"])
    changes = request.get("MetadataDirective") == "REPLACE" or any(request.get(name) for name in _CHANGES)
    if onto_itself and not changes and source.version_id is None:
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing "
            "the object's metadata, storage class, website redirect location or encryption attributes."
        )
