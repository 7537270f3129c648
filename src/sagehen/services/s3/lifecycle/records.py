"""Versions and uploads in the order in which rules look at them, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sagehen.services.s3.lifecycle.announcements import KIND
from sagehen.services.s3.lifecycle.rules import Candidate
from sagehen.services.s3.records.moments import moment
from sagehen.store.database import Database, Row

# Read in one go, while the event loop waits.
_PAGE = 500
_VERSIONS = (
    "SELECT sequence, key, version_id, is_latest, is_marker, modified_ms, size, etag, storage_class, tags,"
    " is_latest AND is_marker AND NOT EXISTS (SELECT 1 FROM s3_versions AS older WHERE"
    " older.bucket = s3_versions.bucket AND older.key = s3_versions.key"
    " AND older.sequence < s3_versions.sequence) AS alone"
    " FROM s3_versions WHERE bucket = ? AND key >= ? AND (key > ? OR sequence < ?)"
    f" ORDER BY key, sequence DESC LIMIT {_PAGE}"
)
_UPLOADS = (
    "SELECT sequence, upload_id, key, initiated_ms FROM s3_uploads WHERE bucket = ? AND key >= ?"
    f" AND (key > ? OR sequence > ?) ORDER BY key, sequence LIMIT {_PAGE}"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A version as it was when a rule looked at it."""

    sequence: int
    version_id: str
    etag: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """A multipart upload that has not ended."""

    upload_id: str
    key: str
    initiated: datetime


class LifecycleRecords:
    """Reads pages without a transaction over all of them: what changes meanwhile is seen, or not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def buckets(self) -> list[tuple[str, str]]:
        """Return buckets that have rules, with the rules' text."""
        rows = self._database.all(
            "SELECT bucket, document FROM s3_bucket_configurations WHERE kind = ?", (KIND,)
        )
        return [(row["bucket"], row["document"]) for row in rows]

    def version_pages(self, bucket: str) -> Iterator[list[Seen]]:
        """Yield all versions of a bucket, newest first within a key; the caller breathes between pages."""
        low, below = "", 0
        newer: Row | None = None
        noncurrent = 0
        while rows := self._database.all(_VERSIONS, (bucket, low, low, below)):
            page = []
            for row in rows:
                of_the_same = newer is not None and newer["key"] == row["key"]
                noncurrent = (
                    noncurrent + 1 if of_the_same and newer is not None and not newer["is_latest"] else 0
                )
                since = moment(newer["modified_ms"]) if of_the_same and newer is not None else None
                page.append(_seen(row, None if row["is_latest"] else since, noncurrent))
                newer = row
            yield page
            low, below = rows[-1]["key"], rows[-1]["sequence"]

    def upload_pages(self, bucket: str) -> Iterator[Sequence[PendingUpload]]:
        """Yield all uploads of a bucket, oldest first within a key; the caller breathes between pages."""
        low, above = "", 0
        while rows := self._database.all(_UPLOADS, (bucket, low, low, above)):
            yield [PendingUpload(row["upload_id"], row["key"], moment(row["initiated_ms"])) for row in rows]
            low, above = rows[-1]["key"], rows[-1]["sequence"]

    async def move(self, seen: Seen, storage_class: str) -> bool:
        """Change a version's storage class, unless it is another by now."""
        changed = await self._database.execute(
            "UPDATE s3_versions SET storage_class = ? WHERE sequence = ? AND etag = ?",
            (storage_class, seen.sequence, seen.etag),
        )
        return changed > 0


def _seen(row: Row, noncurrent_since: datetime | None, newer_noncurrent: int) -> Seen:
    candidate = Candidate(
        key=row["key"],
        size=row["size"],
        modified=moment(row["modified_ms"]),
        storage_class=row["storage_class"] or "STANDARD",
        tags={} if row["tags"] is None else json.loads(row["tags"]),
        is_marker=bool(row["is_marker"]),
        noncurrent_since=noncurrent_since,
        newer_noncurrent=newer_noncurrent,
        alone=bool(row["alone"]),
    )
    return Seen(row["sequence"], row["version_id"], row["etag"], candidate)
