"""S3State: what all of S3's resources share."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.domain.clock import Clock, epoch_ms
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.services.s3.contents.bodies import Contents
from sagehen.services.s3.encryption.sealing import Sealing
from sagehen.services.s3.errors.buckets import InvalidBucketOwnerAWSAccountID
from sagehen.services.s3.errors.requests import AccessDenied
from sagehen.services.s3.events.objects import ObjectEvents
from sagehen.services.s3.records.buckets import Bucket, BucketRecords
from sagehen.services.s3.records.uploads import UploadRecords
from sagehen.services.s3.records.versions import ObjectRecords

# Ours; AWS's are opaque and of 32 characters too.
VERSION_ID_LENGTH = 32
_ACCOUNT_ID = re.compile("[0-9]{12}")


@dataclass(frozen=True, slots=True)
class S3State:
    """What operations and loops share: rows, bytes, and who is asked.

    Attributes:
        events: Fires notifications.
        authorizer: Rights that are asked for in the midst of an operation.
        sealing: Ciphers of encrypted objects.
        lifecycle_changed: Set where rules were put, for the loop that does them.
    """

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
        return epoch_ms(self.clock.now())

    def new_version_id(self) -> str:
        """Return a version id, random and of 32 hexadecimal digits; AWS's are as opaque."""
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
