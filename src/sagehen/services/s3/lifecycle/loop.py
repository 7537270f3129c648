"""Lifecycles: does what rules say, beside everything else.

All of it is due at some midnight UTC. So a bucket is looked through once a day, and when its rules change.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Sequence
from datetime import datetime

from sagehen.api.errors import ServiceError
from sagehen.domain.background import Rounds
from sagehen.services.s3.errors.uploads import NoSuchUpload
from sagehen.services.s3.lifecycle.records import LifecycleRecords, Seen
from sagehen.services.s3.lifecycle.rules import Decision, Rule, Step, decide, enabled, next_abortion
from sagehen.services.s3.object_lock.locks import check_deletion
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.records.versions import Version
from sagehen.services.s3.state import S3State

_log = logging.getLogger(__name__)
# Of the platform's clock: what is due at midnight goes within a minute; AWS takes up to days.
_LOOK_EVERY_S = 60.0
# Versions times rules, some microseconds each, until others have their turn.
_COMPARED_AT_ONCE = 1000


class _Changed(Exception):
    """The object is another than the one that was looked at: the next look will see it."""


class Lifecycles:
    """Looks through each bucket with rules once a day of the platform's clock, and does what is due."""

    def __init__(self, state: S3State, records: LifecycleRecords) -> None:
        self._state = state
        self._records = records
        # Bucket -> the day of its last look, and the rules of then.
        self._looked: dict[str, tuple[str, str]] = {}
        self._rounds = Rounds(
            "s3-lifecycle",
            self.do_what_is_due,
            state.clock,
            _LOOK_EVERY_S,
            tale="looking through lifecycles",
            wake=state.lifecycle_changed,
        )

    def start(self) -> None:
        """Begin; the first look is at once, for what became due while the platform was down."""
        self._rounds.start()

    async def stop(self) -> None:
        """End at once; what is left is done at the next start."""
        await self._rounds.stop()

    def forget(self) -> None:
        """Forget which buckets were looked through: they are gone, or shall be looked through again."""
        self._looked.clear()

    async def do_what_is_due(self) -> None:
        """Look through every bucket with rules that was not looked through today."""
        now = self._state.clock.now()
        found = self._records.buckets()
        self._looked = {name: self._looked[name] for name, _ in found if name in self._looked}
        for name, text in found:
            look = (f"{now:%Y-%m-%d}", text)
            bucket = self._state.buckets.get(name)
            if bucket is None or self._looked.get(name) == look:
                continue
            try:
                rules = await asyncio.to_thread(_holding, text)
                await self._look_through(bucket, rules, now)
                self._looked[name] = look
            except Exception:
                _log.exception("the lifecycle of %s stopped half-way; it is tried again", name)

    async def _look_through(self, bucket: Bucket, rules: Sequence[Rule], now: datetime) -> None:
        compared = 0
        for versions in self._records.version_pages(bucket.name):
            for seen in versions:
                compared += len(rules)
                if compared > _COMPARED_AT_ONCE:
                    compared = 0
                    await asyncio.sleep(0)
                if (decision := decide(rules, seen.candidate, now)) is not None:
                    await self._do(bucket, seen, decision)
            await asyncio.sleep(0)
        for uploads in self._records.upload_pages(bucket.name):
            for upload in uploads:
                ending = next_abortion(rules, upload.key, upload.initiated)
                if ending is not None and ending[0] <= now:
                    with contextlib.suppress(NoSuchUpload):
                        self._state.contents.remove(await self._state.uploads.abort(upload.upload_id))
            await asyncio.sleep(0)

    async def _do(self, bucket: Bucket, seen: Seen, decision: Decision) -> None:
        try:
            if decision.step is Step.MOVE:
                await self._records.move(seen, decision.storage_class)
            elif decision.step is Step.EXPIRE:
                await self._expire(bucket, seen)
            else:
                await self._delete(bucket, seen)
        except _Changed:
            pass
        except ServiceError as refused:
            _log.info("lifecycle of s3://%s/%s: %s", bucket.name, seen.candidate.key, refused.message)

    async def _expire(self, bucket: Bucket, seen: Seen) -> None:
        marker = Version(
            bucket.name,
            seen.candidate.key,
            "",
            bucket.account_id,
            self._state.now(),
            is_marker=True,
            storage_class="",
        )
        done = await self._state.objects.delete_latest(
            marker, self._state.new_version_id(), lambda current: _check(current, seen)
        )
        self._state.contents.remove(done.blob_ids)
        await self._state.events.removed(None, bucket, seen.candidate.key, done, "LifecycleExpiration")

    async def _delete(self, bucket: Bucket, seen: Seen) -> None:
        done = await self._state.objects.delete_version(
            bucket.name, seen.candidate.key, seen.version_id, lambda found: self._check(found, seen)
        )
        self._state.contents.remove(done.blob_ids)
        await self._state.events.removed(None, bucket, seen.candidate.key, done, "LifecycleExpiration")

    def _check(self, found: Version, seen: Seen) -> None:
        """What is locked outlives its rules: it is looked at again tomorrow."""
        _check(found, seen)
        check_deletion(found.details, self._state.clock.now(), bypass=False)


def _holding(text: str) -> Sequence[Rule]:
    return enabled(json.loads(text)["Rules"])


def _check(found: Version | None, seen: Seen) -> None:
    if found is None or (found.sequence, found.etag) != (seen.sequence, seen.etag):
        raise _Changed
    # A noncurrent `null` version may be the latest again, and a marker may have got company.
    if found.is_latest != (seen.candidate.noncurrent_since is None):
        raise _Changed
