"""ObjectEvents: tells functions what happened to objects, as a bucket's notifications ask for.

An event is on the function's durable queue before the change is acknowledged to who made it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.ports.storage.notifier import Notifier
from sagehen.domain.scope import Scope
from sagehen.services.s3.events.document import event_document
from sagehen.services.s3.events.rules import CONFIGURATION, fits
from sagehen.services.s3.records.buckets import Bucket, BucketRecords
from sagehen.services.s3.records.versions import NULL_VERSION, Deletion, Version

_log = logging.getLogger(__name__)


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
        # Documented: Event message structure: hexadecimal, compared after padding; of puts and deletes only.
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
            event = event_document(context, bucket, rule["Id"], name, key, shown, self._clock.now(), schema)
            trace = context.headers.get("x-amzn-trace-id") if context else None
            try:
                await self.notifier.object_event(scope, bucket.name, rule["LambdaFunctionArn"], event, trace)
            except (AccessDenied, ServiceError) as refused:
                # The change stands: S3 tells nobody that a function is gone.
                _log.warning("%s of s3://%s/%s: %s", name, bucket.name, key, refused.message)
