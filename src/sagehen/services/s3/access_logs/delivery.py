"""AccessLogs: gathers lines in memory and delivers them to target buckets, a batch at a time.

What a crash finds in memory is lost, a few seconds' lines at most: AWS's logs are best effort too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import Access, AclGrant
from sagehen.domain.clock import wait_for
from sagehen.domain.identity import service_principal
from sagehen.services.s3.access_logs.entries import Entry, line
from sagehen.services.s3.access_logs.operations import KIND
from sagehen.services.s3.contents.checksums import DEFAULT_ALGORITHM, Digest, Expectation
from sagehen.services.s3.grants.grant import LOG_DELIVERY, kept, read
from sagehen.services.s3.grants.requests import grants_of
from sagehen.services.s3.objects.writes import prepare_upload, publish, with_digest
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.state import S3State

_log = logging.getLogger(__name__)

# AWS takes hours (documented: Logging requests with server access logging); who tests waits less.
_EVERY_S = 5.0
# Of one bucket: then its batch is delivered at once, and what comes meanwhile is the next one's.
_BATCH_BYTES = 1024 * 1024
# Of all buckets together, should delivery fall behind: further lines are dropped, and it is said.
_HELD_BYTES = 16 * 1024 * 1024
# Documented: Enabling Amazon S3 server access logging, the principal that target buckets' policies let in.
_DELIVERY = service_principal("logging.s3.amazonaws.com")


@dataclass(slots=True)
class _Batch:
    began: datetime
    lines: list[str] = field(default_factory=list)
    size: int = 0


class AccessLogs:
    """Server access logging."""

    def __init__(self, state: S3State) -> None:
        self._state = state
        self._batches: dict[str, _Batch] = {}
        self._held_bytes = 0
        self._dropped = 0
        self._ending = False
        self._full = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wants(self, bucket: str) -> bool:
        """Tell whether requests to a bucket are logged; asked by every request."""
        return self._state.buckets.has_configuration(bucket, KIND)

    def log(self, entry: Entry) -> None:
        """Take a request; returns at once."""
        bucket = self._state.buckets.get(entry.bucket)
        if bucket is None:
            return
        text = line(entry, bucket.account_id)
        if self._held_bytes + len(text) > _HELD_BYTES:
            self._dropped += 1
            return
        batch = self._batches.setdefault(bucket.name, _Batch(entry.at))
        batch.lines.append(text)
        batch.size += len(text)
        self._held_bytes += len(text)
        if batch.size > _BATCH_BYTES:
            self._full.set()

    def start(self) -> None:
        """Begin to deliver, every 5 s of the platform's clock; needs a running loop."""
        self._ending = False
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Deliver what is left and end."""
        self._ending = True
        self._full.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def forget(self) -> None:
        """Drop what was gathered: the buckets are gone."""
        self._batches.clear()
        self._held_bytes = 0

    async def _run(self) -> None:
        while True:
            await wait_for(self._full, self._state.clock, _EVERY_S)
            self._full.clear()
            await self.deliver()
            if self._ending:
                return

    async def deliver(self) -> None:
        """Write one object for each bucket that has lines."""
        batches, self._batches, self._held_bytes = self._batches, {}, 0
        if self._dropped:
            _log.warning("%d lines of server access logs were dropped: too many at once", self._dropped)
            self._dropped = 0
        for name, batch in batches.items():
            try:
                await self._deliver(name, batch)
            except ServiceError as error:
                _log.warning("server access logs of %s: %s", name, error.message)
            except Exception:
                _log.exception("server access logs of %s were not delivered", name)

    async def _deliver(self, name: str, batch: _Batch) -> None:
        source = self._state.buckets.get(name)
        enabled = self._state.buckets.configuration(name, KIND)
        target = None if enabled is None else self._state.buckets.get(enabled["TargetBucket"])
        if source is None or enabled is None or target is None:
            return
        now = self._state.clock.now()
        key = log_key(enabled, source, batch.began, now, self._state.ids.hex(16).upper())
        if not self._may_write(source, target, key, now):
            _log.warning(
                "server access logs of %s are lost: neither the policy nor the ACL of %s lets "
                "logging.s3.amazonaws.com write to it",
                name,
                target.name,
            )
            return
        data = "".join(f"{text}\n" for text in batch.lines).encode("utf-8", "replace")
        await self._store(target, key, data, enabled.get("TargetGrants"))

    def _may_write(self, source: Bucket, target: Bucket, key: str, now: datetime) -> bool:
        granted = AclGrant.NOTHING
        if not self._state.buckets.is_enforced(target.name):
            acl = read(self._state.buckets.configuration(target.name, "acl") or ())
            if any(g.grantee == LOG_DELIVERY and g.permission in ("WRITE", "FULL_CONTROL") for g in acl):
                granted = AclGrant.TO_EVERYBODY
        access = Access("s3:PutObject", target.object_arn(key), acl=granted)
        environment = {
            "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "aws:SourceArn": source.arn,
            "aws:SourceAccount": source.account_id,
            "aws:SecureTransport": "true",
        }
        return self._state.authorizer.is_allowed(_DELIVERY, access, environment)

    async def _store(self, target: Bucket, key: str, data: bytes, grants: Any) -> None:
        # AWS delivers logs under SSE-S3 only.
        request = {
            "Bucket": target.name,
            "Key": key,
            "ContentType": "text/plain",
            "ServerSideEncryption": "AES256",
        }
        _, version = prepare_upload(self._state, request, None)
        digest = Digest(DEFAULT_ALGORITHM)
        draft = await self._state.contents.receive(data, Expectation(), digest)
        details = dict(version.details)
        if grants and not self._state.buckets.is_enforced(target.name):
            own = read(details.get("Acl") or ())
            details["Acl"] = kept([*own, *grants_of(grants)])
        version = replace(
            with_digest(self._state, version, digest, encrypted=False),
            details=details,
        )
        stored = await publish(self._state, version, draft, lambda current: None)
        await self._state.events.created(None, target, stored, "Put")


def log_key(
    enabled: Mapping[str, Any], source: Bucket, began: datetime, delivered: datetime, unique: str
) -> str:
    """Return the key of a log: by its time, or below folders of account, region, bucket and day.

    Args:
        enabled: LoggingEnabled of the source.
        began: The time of the first line.
        delivered: Now.
        unique: What tells logs of one second apart.
    """
    prefix = enabled["TargetPrefix"]
    partitioned = (enabled.get("TargetObjectKeyFormat") or {}).get("PartitionedPrefix")
    if partitioned is None:
        return f"{prefix}{delivered:%Y-%m-%d-%H-%M-%S}-{unique}"
    if partitioned.get("PartitionDateSource") == "EventTime":
        day, stamp = began, f"{began:%Y-%m-%d}-00-00-00"
    else:
        day, stamp = delivered, f"{delivered:%Y-%m-%d-%H-%M-%S}"
    folder = f"{source.account_id}/{source.region}/{source.name}/{day:%Y/%m/%d}"
    return f"{prefix}{folder}/{stamp}-{unique}"
