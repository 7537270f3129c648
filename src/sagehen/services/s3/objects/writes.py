"""PutObject, and the steps that every way of making an object shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.acl.checks import owner_of_upload, upload_acl
from sagehen.services.s3.contents.checksums import DEFAULT_ALGORITHM, FULL_OBJECT, Digest, expectation, member
from sagehen.services.s3.contents.segments import Draft
from sagehen.services.s3.encryption.asked import encryption_of
from sagehen.services.s3.encryption.customer_keys import shown_key
from sagehen.services.s3.encryption.kms_keys import asker
from sagehen.services.s3.errors.requests import InvalidRequest
from sagehen.services.s3.lifecycle.announcements import expiration
from sagehen.services.s3.object_lock.headers import asked_lock, lock_of_upload
from sagehen.services.s3.objects.access import put_object
from sagehen.services.s3.objects.conditions import check_headers, check_write
from sagehen.services.s3.objects.details import (
    check_built,
    check_key,
    details_of,
    shown_encryption,
    storage_class,
)
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.version_ids import made_version_id
from sagehen.services.s3.records.versions import Version
from sagehen.services.s3.state import S3State
from sagehen.services.s3.tagging.tag_sets import parse_tagging_header


def prepare_upload(
    state: S3State, request: Mapping[str, Any], context: RequestContext | None
) -> tuple[Bucket, Version]:
    """Check everything that is known before the bytes and return the version to be.

    Raises:
        NoSuchBucket, KeyTooLongError, MetadataTooLarge, InvalidStorageClass, InvalidTag,
        AccessControlListNotSupported, NotImplementedOperation.
    """
    bucket = state.bucket(request)
    check_key(request["Key"])
    check_built(request)
    check_headers(request)
    owner = owner_of_upload(state.buckets, bucket, request, context)
    acl = upload_acl(state.buckets, bucket, request, owner, context)
    version = Version(
        bucket=bucket.name,
        key=request["Key"],
        version_id="",
        owner_id=owner,
        last_modified=state.now(),
        written_ms=state.now_ms(),
        storage_class=storage_class(request),
        tags=parse_tagging_header(request["Tagging"]) if request.get("Tagging") else None,
        details={
            **details_of(request),
            "Encryption": encryption_of(state.buckets, bucket, request),
            **lock_of_upload(state.buckets, bucket.name, request, state.clock.now()),
            **({} if acl is None else {"Acl": acl}),
        },
    )
    return bucket, version


async def publish(
    state: S3State, version: Version, draft: Draft, check: Callable[[Version | None], None]
) -> Version:
    """Make a draft the latest version of its key; nothing is left of it if that fails."""
    return await state.contents.keep(draft, state.objects.put(version, state.new_version_id(), draft, check))


def with_digest(state: S3State, version: Version, digest: Digest, encrypted: bool) -> Version:
    """Return a version to be with what its bytes turned out to be, in one piece.

    Args:
        digest: Has seen all of them.
        encrypted: With KMS's or a customer's key: then the ETag says nothing of the bytes.
    """
    return replace(
        version,
        size=digest.size,
        etag=opaque_etag(state) if encrypted else digest.etag,
        checksum_algorithm=digest.checksum.algorithm,
        checksum_type=FULL_OBJECT,
        checksum=digest.checksum.value(),
    )


def opaque_etag(state: S3State) -> str:
    """Return the ETag of what is encrypted with KMS's or a customer's key: no MD5 of the bytes, says AWS."""
    return f'"{state.ids.hex(32)}"'


def condition(request: Mapping[str, Any]) -> Callable[[Version | None], None]:
    """Return the check of a conditional write, for the transaction that writes."""

    def check(current: Version | None) -> None:
        check_write(request, request["Key"], None if current is None else current.etag)

    return check


def shown_upload(version: Version) -> dict[str, Any]:
    """Return what answers to uploads say of the version that was made."""
    shown: dict[str, Any] = {"ETag": version.etag, **shown_encryption(version)}
    if version.checksum:
        shown |= {
            member(version.checksum_algorithm): version.checksum,
            "ChecksumType": version.checksum_type,
        }
    if (version_id := made_version_id(version)) is not None:
        shown["VersionId"] = version_id
    return shown


class ObjectWrites(Resource):
    """PutObject; form uploads (POST) arrive here too, from the front door."""

    @operation("PutObject", access=put_object, anonymous=True)
    async def put_object(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket, version = prepare_upload(self.state, request, context)
        expected = expectation(request, context.headers)
        # Documented: PutObject wants one of them with a retention; the words are from public reports.
        if expected.algorithm is None and not request.get("ContentMD5") and any(asked_lock(request)):
            raise InvalidRequest(
                "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with "
                "Object Lock parameters"
            )
        version, cipher = await self.state.sealing.of_upload(asker(context), bucket, version, request)
        digest = Digest(expected.algorithm or DEFAULT_ALGORITHM)
        draft = await self.state.contents.receive(request.get("Body"), expected, digest, cipher)
        version = with_digest(self.state, version, digest, encrypted=cipher is not None)
        stored = await publish(self.state, version, draft, condition(request))
        await self.state.events.created(context, bucket, stored, "Put")
        return shown_upload(stored) | shown_key(request) | expiration(self.state.buckets, stored)
