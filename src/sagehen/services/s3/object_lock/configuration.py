"""PutObjectLockConfiguration and GetObjectLockConfiguration: whether a bucket locks, and how by default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.errors.requests import InvalidArgument, MalformedXML
from sagehen.services.s3.errors.unset import ObjectLockConfigurationNotFoundError
from sagehen.services.s3.object_lock.errors import InvalidBucketState
from sagehen.services.s3.object_lock.headers import KIND
from sagehen.services.s3.object_lock.locks import MODES

# Other implementations of S3 have this bound, with this text; AWS documents it for event holds.
_MOST_YEARS = 100
_MOST_DAYS = 36_500
_PLAIN = {"ObjectLockEnabled": "Enabled"}


class BucketObjectLocks(Resource):
    """Whether a bucket locks is for ever; its default concerns later uploads only."""

    @operation("PutObjectLockConfiguration", access=on_bucket("PutBucketObjectLockConfiguration"))
    async def put_object_lock_configuration(
        self, context: RequestContext, request: Request
    ) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        if bucket.versioning != "Enabled":
            raise InvalidBucketState(
                "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
            )
        # Enabled is the one state: there is no way back (documented: PutObjectLockConfiguration).
        configuration = request.get("ObjectLockConfiguration")
        if not configuration or configuration.get("ObjectLockEnabled") != "Enabled":
            raise MalformedXML()
        rule = configuration.get("Rule")
        if rule is not None:
            _check(rule.get("DefaultRetention"))
        stored = {**_PLAIN, **({} if rule is None else {"Rule": rule})}
        await self.state.buckets.put_configuration(bucket.name, KIND, stored)
        return {}

    @operation("GetObjectLockConfiguration", access=on_bucket("GetBucketObjectLockConfiguration"))
    async def get_object_lock_configuration(
        self, context: RequestContext, request: Request
    ) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        stored = self.state.buckets.required(bucket.name, KIND, ObjectLockConfigurationNotFoundError)
        return {"ObjectLockConfiguration": stored}


def _check(default: Mapping[str, Any] | None) -> None:
    if not default or default.get("Mode") not in MODES:
        raise MalformedXML()
    if default.get("DefaultEventHold") is not None:
        raise NotImplementedOperation("Event holds are not implemented.")
    if (default.get("Days") is None) == (default.get("Years") is None):
        raise MalformedXML()
    # Words of other implementations of S3, which have them from AWS; not recorded.
    for member, most in (("Days", _MOST_DAYS), ("Years", _MOST_YEARS)):
        value = default.get(member)
        if value is not None and value <= 0:
            text = "Default retention period must be a positive integer value."
            raise InvalidArgument(text, member, value)
        if value is not None and value > most:
            raise InvalidArgument("Default retention period too large.", member, value)
