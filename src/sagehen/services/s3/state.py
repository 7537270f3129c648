"""S3State: what all of S3's resources share."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.resource_policies import ResourceDocuments
from sagehen.services.s3.acl.rights import granted_on_bucket
from sagehen.services.s3.bucket_records import Bucket, BucketRecords
from sagehen.services.s3.contents import Contents
from sagehen.services.s3.encryption.kms_keys import Asker
from sagehen.services.s3.encryption.sealing import Sealing
from sagehen.services.s3.errors import (
    AccessDenied,
    InvalidArgument,
    InvalidBucketOwnerAWSAccountID,
    MethodNotAllowed,
    NoSuchKey,
    NoSuchVersion,
)
from sagehen.services.s3.object_events import ObjectEvents
from sagehen.services.s3.object_records import NULL_VERSION, ObjectRecords, Version
from sagehen.services.s3.upload_records import UploadRecords

VERSION_ID_LENGTH = 32
_ACCOUNT_ID = re.compile("[0-9]{12}")
_VERSION_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class S3State:
    buckets: BucketRecords
    objects: ObjectRecords
    uploads: UploadRecords
    contents: Contents
    events: ObjectEvents
    clock: Clock
    ids: Ids
    authorizer: Authorizer
    documents: ResourceDocuments
    sealing: Sealing
    lifecycle_changed: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        """Return the present in whole seconds: S3 shows no finer LastModified."""
        return self.clock.now().replace(microsecond=0)

    def now_ms(self) -> int:
        """Return the present in milliseconds, as conditions of uploads compare it."""
        return int(self.clock.now().timestamp() * 1000)

    def new_version_id(self) -> str:
        return self.ids.hex(VERSION_ID_LENGTH)

    def bucket(self, request: Mapping[str, Any]) -> Bucket:
        """Return the bucket that a request names.

        Raises:
            NoSuchBucket: There is none; S3 says so to callers without rights too.
            AccessDenied: Its owner is not the one that x-amz-expected-bucket-owner names.
            InvalidBucketOwnerAWSAccountID: That header holds no account id.
        """
        bucket = self.buckets.require(request["Bucket"])
        expected = request.get("ExpectedBucketOwner")
        if expected is None or expected == bucket.account_id:
            return bucket
        if not _ACCOUNT_ID.fullmatch(expected):
            raise InvalidBucketOwnerAWSAccountID(expected)
        raise AccessDenied()


def asker(context: RequestContext) -> Asker:
    """Return who asks KMS for a key."""
    return Asker(context.principal, context.condition_keys)


class Resource:
    """Base of S3's resources: holds the shared state."""

    def __init__(self, state: S3State) -> None:
        self.state = state

    def annotated_version(self, context: RequestContext, request: dict[str, Any], method: str) -> Version:
        """Return the version whose tags or ACL a request is about: as `find_version`, but for markers.

        Raises:
            MethodNotAllowed: The latest version is a delete marker, which has neither (recorded).
        """
        bucket = self.state.bucket(request)
        if request.get("VersionId") is None:
            latest = self.state.objects.get(bucket.name, request["Key"])
            if latest is not None and latest.is_marker:
                raise _refused_marker(latest, method)
        return self.find_version(context, request, method)

    def find_version(self, context: RequestContext, request: dict[str, Any], method: str) -> Version:
        """Return the object version that a request names by Key and VersionId.

        Raises:
            NoSuchKey, NoSuchVersion: And AccessDenied in their place for who may not list the bucket.
            MethodNotAllowed: The version named is a delete marker.
        """
        bucket = self.state.bucket(request)
        return self.readable_version(context, bucket, request["Key"], request.get("VersionId"), method)

    def readable_version(
        self, context: RequestContext, bucket: Bucket, key: str, version_id: str | None, method: str
    ) -> Version:
        check_version_id(version_id)
        version = self.state.objects.get(bucket.name, key, version_id)
        if version is not None and not version.is_marker:
            return version
        if version is not None and version_id is not None:
            raise _refused_marker(version, method)
        # Who may not list a bucket may not learn from a 404 what it does not hold.
        granted = granted_on_bucket(self.state.buckets, bucket, "ListBucket", context.principal)
        self.state.authorizer.authorize(
            context.principal, Access("s3:ListBucket", bucket.arn, acl=granted), context.condition_keys()
        )
        if version_id is not None:
            raise NoSuchVersion(key, version_id)
        missing = NoSuchKey(key)
        if version is not None:
            missing.headers |= _marker_headers(version)
        raise missing


def _refused_marker(marker: Version, method: str) -> MethodNotAllowed:
    refusal = MethodNotAllowed(method, "DeleteMarker")
    refusal.headers |= {**_marker_headers(marker), "Allow": "DELETE"}
    return refusal


def _marker_headers(marker: Version) -> dict[str, str]:
    return {"x-amz-delete-marker": "true", "x-amz-version-id": marker.version_id}


def check_version_id(version_id: str | None) -> None:
    """Refuse what is no version id of ours: S3 too tells its own from others'."""
    if version_id not in (None, NULL_VERSION) and not _VERSION_ID.fullmatch(version_id or ""):
        raise InvalidArgument("Invalid version id specified", "versionId", version_id)


def shown_version_id(bucket: Bucket, version: Version) -> str | None:
    """Return the version id as reads carry it: none from a bucket that never was versioned."""
    return version.version_id if bucket.versioning else None


def made_version_id(version: Version) -> str | None:
    """Return the version id as writes and copies carry it: the `null` version is not named (recorded)."""
    return None if version.version_id == NULL_VERSION else version.version_id
