"""PutBucketLogging and GetBucketLogging."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.access_logs.errors import (
    CrossLocationLoggingProhibitted,
    InvalidTargetBucketForLogging,
)
from sagehen.services.s3.errors.acls import AccessControlListNotSupported
from sagehen.services.s3.errors.requests import MalformedXML
from sagehen.services.s3.grants.requests import grants_of
from sagehen.services.s3.records.buckets import Bucket

# Kind of the bucket's configuration.
KIND = "logging"


class BucketLogging(Resource):
    """The bucket's side of logging: where lines go, and how their objects are named."""

    @operation("PutBucketLogging", access=on_bucket("PutBucketLogging"), anonymous=True)
    async def put_bucket_logging(self, context: RequestContext, request: Request) -> None:
        """Begin, change or end (an empty status) the logging of a bucket's requests.

        Whether the target lets logs in is only seen when they are delivered, as on AWS (recorded).

        Raises:
            InvalidTargetBucketForLogging: There is no such bucket, or it is somebody else's.
            CrossLocationLoggingProhibitted: It lives in another region.
            AccessControlListNotSupported: TargetGrants, and the target has ACLs disabled (from memory).
        """
        bucket = self.state.bucket(request)
        enabled = request["BucketLoggingStatus"].get("LoggingEnabled")
        if enabled is None:
            await self.state.buckets.delete_configuration(bucket.name, KIND)
            return
        if "TargetBucket" not in enabled or "TargetPrefix" not in enabled:
            raise MalformedXML()
        self._check_target(bucket, enabled)
        await self.state.buckets.put_configuration(bucket.name, KIND, enabled)

    def _check_target(self, bucket: Bucket, enabled: Mapping[str, Any]) -> None:
        target = self.state.buckets.get(enabled["TargetBucket"])
        if target is None:
            text = "The target bucket for logging does not exist"
            raise InvalidTargetBucketForLogging(text, enabled["TargetBucket"])
        if target.account_id != bucket.account_id:
            text = "The owner for the bucket to be logged and the target bucket must be the same."
            raise InvalidTargetBucketForLogging(text, target.name)
        if target.region != bucket.region:
            raise CrossLocationLoggingProhibitted(bucket.region, target.region)
        if enabled.get("TargetGrants"):
            grants_of(enabled["TargetGrants"])
            if self.state.buckets.is_enforced(target.name):
                raise AccessControlListNotSupported()

    @operation("GetBucketLogging", access=on_bucket("GetBucketLogging"), anonymous=True)
    async def get_bucket_logging(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        enabled = self.state.buckets.configuration(bucket.name, KIND)
        return {} if enabled is None else {"LoggingEnabled": enabled}
