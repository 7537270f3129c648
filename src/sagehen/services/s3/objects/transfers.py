"""ObjectTransfers: `ports.Objects`, S3 as the other services use it, with a principal's rights."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sagehen.api.errors import ServiceError
from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, ObjectSummary
from sagehen.services.s3.access.conditions import put_conditions
from sagehen.services.s3.access.rules import object_access
from sagehen.services.s3.contents.checksums import DEFAULT_ALGORITHM, Digest
from sagehen.services.s3.contents.segments import Segment, opened
from sagehen.services.s3.encryption.kms_keys import Asker
from sagehen.services.s3.grants.rights import granted_on_bucket
from sagehen.services.s3.objects.writes import prepare_upload, publish, with_digest
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.keys import successor
from sagehen.services.s3.records.moments import shown_moment
from sagehen.services.s3.records.versions import Version
from sagehen.services.s3.state import S3State

# Read in one go, while the event loop waits.
_PAGE = 1000
_READ_BYTES = 1024 * 1024


class ObjectTransfers:
    """Objects by file, for jobs and endpoints: with rights of a principal, and without a request."""

    def __init__(self, state: S3State) -> None:
        self._state = state

    def _bucket(self, name: str) -> Bucket:
        bucket = self._state.buckets.get(name)
        if bucket is None:
            raise NoSuchObject(f"The bucket s3://{name} does not exist")
        return bucket

    def _authorize(self, principal: Principal, access: Access) -> None:
        self._state.authorizer.authorize(principal, access, self._environment())

    def _environment(self) -> dict[str, ConditionValue]:
        now = self._state.clock.now()
        return {
            # Not strftime, which takes ten times as long: jobs ask for each of their objects.
            "aws:CurrentTime": f"{now.isoformat(timespec='seconds')[:19]}Z",
            "aws:EpochTime": str(int(now.timestamp())),
        }

    def _asker(self, principal: Principal) -> Asker:
        return Asker(principal, self._environment)

    async def list_objects(
        self, principal: Principal, bucket: str, prefix: str = ""
    ) -> AsyncIterator[ObjectSummary]:
        """Yield current objects in the order of their keys, a page of 1,000 at a time.

        Raises:
            NoSuchObject: There is no such bucket.
            AccessDenied: The principal may not list it.
        """
        found = self._bucket(bucket)
        granted = granted_on_bucket(self._state.buckets, found, "ListBucket", principal)
        self._authorize(principal, Access("s3:ListBucket", found.arn, {"s3:prefix": prefix}, granted))
        low, high, inclusive = prefix, successor(prefix) if prefix else None, True
        while rows := self._state.objects.page(bucket, low, high, inclusive, _PAGE):
            for row in rows:
                yield ObjectSummary(row["key"], row["size"], row["etag"], shown_moment(row["modified_ms"]))
            low, inclusive = rows[-1]["key"], False
            await asyncio.sleep(0)  # a listing of a million keys must not hold up everybody else

    async def download(
        self, principal: Principal, bucket: str, key: str, to: Path, version_id: str | None = None
    ) -> ObjectSummary:
        """Write an object to a new file, complete before it has its name.

        Raises:
            NoSuchObject: There is no such bucket, object or version.
            AccessDenied: The principal may not read it, or its key refuses, or is a customer's.
        """
        version, segments = self._open(principal, bucket, key, version_id)
        await self._state.contents.write_to(segments, to)
        return _summary(version)

    async def link(self, principal: Principal, bucket: str, key: str, to: Path) -> tuple[ObjectSummary, bool]:
        """Give an object a name outside the store where it lies in one plain blob; return whether it does.

        Raises:
            NoSuchObject: There is no such bucket or object.
            AccessDenied: The principal may not read it, or its key refuses, or is a customer's.
        """
        version, segments = self._open(principal, bucket, key, None)
        return _summary(version), await self._state.contents.link_to(segments, to)

    async def fill(self, principal: Principal, bucket: str, expected: ObjectSummary, to: Path) -> bool:
        """Write an object into a file of its size, unless it is another than was listed.

        Raises:
            NoSuchObject: There is no such bucket or object.
            AccessDenied: The principal may not read it, or its key refuses, or is a customer's.
        """
        version, segments = self._open(principal, bucket, expected.key, None)
        if (version.etag, version.size) != (expected.etag, expected.size):
            return False
        await self._state.contents.write_into(segments, to)
        return True

    async def read(
        self, principal: Principal, bucket: str, key: str, version_id: str | None = None
    ) -> tuple[ObjectSummary, AsyncIterator[bytes]]:
        """Open an object to be read piece by piece.

        Raises:
            NoSuchObject: There is no such bucket, object or version.
            AccessDenied: The principal may not read it, or its key refuses, or is a customer's.
        """
        version, segments = self._open(principal, bucket, key, version_id)
        return _summary(version), self._state.contents.stream(segments)

    def _open(
        self, principal: Principal, bucket: str, key: str, version_id: str | None
    ) -> tuple[Version, Sequence[Segment]]:
        found = self._bucket(bucket)
        action = "GetObject" if version_id is None else "GetObjectVersion"
        version = self._state.objects.get(bucket, key, version_id)
        access = object_access(self._state, principal, found, key, version, action, version_id)
        self._authorize(principal, access)
        if version is None or version.is_marker:
            raise NoSuchObject(f"The object s3://{bucket}/{key} does not exist")
        with _refusals():
            cipher = self._state.sealing.of_read(self._asker(principal), found, version, {})
        return version, opened(self._state.objects.segments(version), cipher)

    async def upload(
        self,
        principal: Principal,
        bucket: str,
        key: str,
        source: Path | bytes,
        content_type: str = "application/octet-stream",
        kms_key_id: str | None = None,
        size: int | None = None,
    ) -> ObjectSummary:
        """Store a file, or bytes, as an object; a notification is fired as for PutObject.

        Args:
            kms_key_id: A key of KMS to encrypt with; None: the bucket's default holds.
            size: See the port.

        Raises:
            NoSuchObject: There is no such bucket.
            AccessDenied: The principal may not write it, or its key refuses.
            ServiceError: As PutObject refuses keys and bodies.
        """
        found = self._bucket(bucket)
        request = {"Bucket": bucket, "Key": key, "ContentType": content_type}
        if kms_key_id:
            request |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id}
        granted = granted_on_bucket(self._state.buckets, found, "PutObject", principal)
        arn = found.object_arn(key)
        self._authorize(principal, Access("s3:PutObject", arn, put_conditions(request), granted))
        _, version = prepare_upload(self._state, request, None)
        digest = Digest(DEFAULT_ALGORITHM)
        with _refusals():
            version, cipher = await self._state.sealing.of_upload(
                self._asker(principal), found, version, request
            )
        draft = await self._state.contents.receive_chunks(_chunks(source, size), digest, cipher)
        version = with_digest(self._state, version, digest, encrypted=cipher is not None)
        stored = await publish(self._state, version, draft, lambda current: None)
        await self._state.events.created(None, found, stored, "Put")
        return _summary(stored)


@contextmanager
def _refusals() -> Iterator[None]:
    """Make one kind of refusal of those that a key may bring about: it is disabled, or the customer's own."""
    try:
        yield
    except ServiceError as error:
        raise AccessDenied(f"{error.code}: {error.message}") from None


def _summary(version: Version) -> ObjectSummary:
    return ObjectSummary(version.key, version.size, version.etag, version.last_modified)


async def _chunks(source: Path | bytes, size: int | None = None) -> AsyncIterator[bytes]:
    if isinstance(source, bytes):
        yield source if size is None else source[:size]
        return
    file = await asyncio.to_thread(source.open, "rb")
    try:
        # As it is now: whoever has it may go on writing, as fast as it is read.
        left = os.fstat(file.fileno()).st_size if size is None else size
        while left and (chunk := await asyncio.to_thread(file.read, min(left, _READ_BYTES))):
            left -= len(chunk)
            yield chunk
    finally:
        file.close()
