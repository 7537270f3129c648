"""ObjectEvents: tells functions what happened to objects, as a bucket's notifications ask for.

An event is on the function's durable queue before the change is acknowledged to who made it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.ids import host_id
from sagehen.domain.ports.notifier import Notifier
from sagehen.domain.scope import Scope
from sagehen.services.s3.bucket_records import Bucket, BucketRecords
from sagehen.services.s3.object_records import NULL_VERSION, Deletion, Version

_log = logging.getLogger(__name__)

# Kind of the bucket's configuration that holds LambdaFunctionConfigurations.
CONFIGURATION = "notification"


class ObjectEvents:
    """Fires events after the change is committed.

    Attributes:
        notifier: Takes the events; `app` sets it once Lambda is made.
    """

    def __init__(self, buckets: BucketRecords, clock: Clock) -> None:
        self.notifier: Notifier | None = None
        self._buckets = buckets
        self._clock = clock

    async def created(
        self, context: RequestContext | None, bucket: Bucket, version: Version, how: str
    ) -> None:
        """Tell of a new object. `how` is the event's last part: `Put`, `Copy`, …"""
        shown: dict[str, Any] = {"size": version.size, "eTag": version.etag.strip('"')}
        if version.version_id != NULL_VERSION:
            shown["versionId"] = version.version_id
        shown["sequencer"] = self._sequencer()
        await self._fire(context, bucket, f"ObjectCreated:{how}", version.key, shown)

    async def removed(
        self,
        context: RequestContext | None,
        bucket: Bucket,
        key: str,
        deletion: Deletion,
        family: str = "ObjectRemoved",
    ) -> None:
        """Tell of an object that went, or of a delete marker that came.

        Args:
            family: The event's first part; `LifecycleExpiration` where a rule did it.
        """
        if not deletion.changed:
            return
        kind = "DeleteMarkerCreated" if deletion.is_marker else "Delete"
        shown = {"sequencer": self._sequencer()}
        if deletion.version_id not in (None, NULL_VERSION):
            shown["versionId"] = str(deletion.version_id)
        await self._fire(context, bucket, f"{family}:{kind}", key, shown)

    async def annotated(
        self, context: RequestContext | None, bucket: Bucket, version: Version, name: str
    ) -> None:
        """Tell of what was put on an object besides its bytes: `ObjectTagging:Put`, `ObjectAcl:Put`, …"""
        shown: dict[str, Any] = {"eTag": version.etag.strip('"')}
        if version.version_id != NULL_VERSION:
            shown["versionId"] = version.version_id
        await self._fire(context, bucket, name, version.key, shown, "2.3")

    def _sequencer(self) -> str:
        """Return a number that orders the events of one key: its microseconds since 1970."""
        return f"{int(self._clock.now().timestamp() * 1e6):016X}"

    async def _fire(
        self,
        context: RequestContext | None,
        bucket: Bucket,
        name: str,
        key: str,
        shown: Mapping[str, Any],
        schema: str = "2.1",
    ) -> None:
        if self.notifier is None:
            return
        rules: Sequence[Mapping[str, Any]] = self._buckets.configuration(bucket.name, CONFIGURATION) or ()
        scope = Scope(bucket.account_id, bucket.region)
        for rule in rules:
            if not fits(rule, name, key):
                continue
            event = _record(context, bucket, rule["Id"], name, key, shown, self._clock.now(), schema)
            try:
                await self.notifier.object_event(scope, bucket.name, rule["LambdaFunctionArn"], event)
            except (AccessDenied, ServiceError) as refused:
                # The change stands: S3 tells nobody that a function is gone.
                _log.warning("%s of s3://%s/%s: %s", name, bucket.name, key, refused.message)


def fits(rule: Mapping[str, Any], name: str, key: str) -> bool:
    """Tell whether a configuration wants an event (`ObjectCreated:Put`) of a key."""
    wanted = any(
        event == f"s3:{name}" or (event.endswith("*") and f"s3:{name}".startswith(event[:-1]))
        for event in rule["Events"]
    )
    prefix, suffix = affixes(rule)
    return wanted and key.startswith(prefix) and key.endswith(suffix)


def affixes(rule: Mapping[str, Any]) -> tuple[str, str]:
    """Return the prefix and the suffix that a configuration filters by."""
    rules = ((rule.get("Filter") or {}).get("Key") or {}).get("FilterRules") or []
    found = {one["Name"].lower(): one.get("Value", "") for one in rules}
    return found.get("prefix", ""), found.get("suffix", "")


def _record(
    context: RequestContext | None,
    bucket: Bucket,
    configuration_id: str,
    name: str,
    key: str,
    shown: Mapping[str, Any],
    now: datetime,
    schema: str,
) -> dict[str, Any]:
    """Return one event record.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    principal = context.principal.user_id if context and context.principal.user_id else bucket.account_id
    request_id = context.request_id if context else ""
    return {
        "eventVersion": schema,
        "eventSource": "aws:s3",
        "awsRegion": bucket.region,
        "eventTime": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z",
        "eventName": name,
        "userIdentity": {"principalId": f"AWS:{principal}"},
        "requestParameters": {"sourceIPAddress": context.source_ip if context else "127.0.0.1"},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": host_id(request_id)},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": bucket.account_id},
                "arn": bucket.arn,
            },
            # As form fields are encoded: a space is a plus.
            "object": {"key": quote_plus(key, safe="/"), **shown},
        },
    }
