"""The rows of multipart uploads and their parts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagehen.services.s3.contents.segments import Draft, delete_content
from sagehen.services.s3.errors.buckets import NoSuchBucket
from sagehen.services.s3.errors.uploads import InvalidPart, NoSuchUpload
from sagehen.services.s3.records.keys import BEYOND_ALL_KEYS
from sagehen.services.s3.records.moments import milliseconds, moment
from sagehen.store.database import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload in progress.

    Args:
        initiator: ARN of who began it.
        checksum_asked: Whether the client named the algorithm; else it is S3's own default.
        details: As of the object that it will become.
    """

    upload_id: str
    bucket: str
    key: str
    initiated_at: datetime
    initiator: str
    storage_class: str
    checksum_algorithm: str
    checksum_type: str
    checksum_asked: bool
    tags: Mapping[str, str] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A part that was uploaded.

    Args:
        number: From 1 to 10,000.
        size: In bytes.
        etag: With quotes.
        checksum: Base64, of the upload's algorithm, whatever it came with.
    """

    number: int
    content_id: str
    size: int
    etag: str
    checksum: str
    modified_at: datetime


def upload_of(row: Row) -> Upload:
    """Return the upload of a row."""
    return Upload(
        upload_id=row["upload_id"],
        bucket=row["bucket"],
        key=row["key"],
        initiated_at=moment(row["initiated_ms"]),
        initiator=row["initiator"],
        storage_class=row["storage_class"],
        checksum_algorithm=row["checksum_algorithm"],
        checksum_type=row["checksum_type"],
        checksum_asked=bool(row["checksum_asked"]),
        tags=None if row["tags"] is None else json.loads(row["tags"]),
        details=json.loads(row["details"]),
        sequence=row["sequence"],
    )


def _part(row: Row) -> Part:
    return Part(
        row["number"],
        row["content_id"],
        row["size"],
        row["etag"],
        row["checksum"],
        moment(row["modified_ms"]),
    )


class UploadRecords:
    """Reads run at once, writes in the writer's transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, upload_id: str) -> Upload | None:
        """Return an upload by its id, whatever its bucket."""
        row = self._database.one("SELECT * FROM s3_uploads WHERE upload_id = ?", (upload_id,))
        return None if row is None else upload_of(row)

    def require(self, bucket: str, key: str, upload_id: str) -> Upload:
        """Return an upload of a key.

        Raises:
            NoSuchUpload: It is over, never was, or is another key's.
        """
        upload = self.get(upload_id)
        if upload is None or (upload.bucket, upload.key) != (bucket, key):
            raise NoSuchUpload(upload_id)
        return upload

    def page(self, bucket: str, low: str, high: str | None, above: int, limit: int) -> list[Row]:
        """Return uploads of keys from `low` on, oldest first, for `low` only begun after `above`."""
        return self._database.all(
            "SELECT * FROM s3_uploads WHERE bucket = ? AND key >= ? AND key < ?"
            " AND (key > ? OR sequence > ?) ORDER BY key, sequence LIMIT ?",
            (bucket, low, BEYOND_ALL_KEYS if high is None else high, low, above, limit),
        )

    def parts(self, upload_id: str, after: int = 0, limit: int = 10_000) -> Sequence[Part]:
        """Return parts by number, behind `after`; by default all that there may be."""
        rows = self._database.all(
            "SELECT * FROM s3_parts WHERE upload_id = ? AND number > ? ORDER BY number LIMIT ?",
            (upload_id, after, limit),
        )
        return [_part(row) for row in rows]

    async def create(self, upload: Upload) -> None:
        """Store an upload that begins.

        Raises:
            NoSuchBucket: The bucket went away meanwhile.
        """

        def change(tx: Transaction) -> None:
            if tx.execute("SELECT 1 FROM s3_buckets WHERE name = ?", (upload.bucket,)).fetchone() is None:
                raise NoSuchBucket(upload.bucket)
            tx.execute(
                "INSERT INTO s3_uploads (upload_id, bucket, key, initiated_ms, initiator, storage_class,"
                " checksum_algorithm, checksum_type, checksum_asked, tags, details)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    upload.upload_id,
                    upload.bucket,
                    upload.key,
                    milliseconds(upload.initiated_at),
                    upload.initiator,
                    upload.storage_class,
                    upload.checksum_algorithm,
                    upload.checksum_type,
                    upload.checksum_asked,
                    json.dumps(dict(upload.tags)) if upload.tags else None,
                    json.dumps(upload.details),
                ),
            )

        await self._database.write(change)

    async def put_part(self, upload_id: str, part: Part, draft: Draft) -> list[str]:
        """Store a part, in place of an earlier one of its number; return the blobs to remove."""

        def change(tx: Transaction) -> list[str]:
            if tx.execute("SELECT 1 FROM s3_uploads WHERE upload_id = ?", (upload_id,)).fetchone() is None:
                raise NoSuchUpload(upload_id)
            old = tx.execute(
                "SELECT content_id FROM s3_parts WHERE upload_id = ? AND number = ?", (upload_id, part.number)
            ).fetchone()
            blob_ids = delete_content(tx, old["content_id"]) if old else []
            draft.insert(tx)
            tx.execute(
                "INSERT OR REPLACE INTO s3_parts VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    upload_id,
                    part.number,
                    draft.content_id,
                    part.size,
                    part.etag,
                    part.checksum,
                    milliseconds(part.modified_at),
                ),
            )
            return blob_ids

        return await self._database.write(change)

    async def abort(self, upload_id: str) -> list[str]:
        """Forget an upload; return the blobs to remove."""
        return await self._database.write(lambda tx: end_upload(tx, upload_id))


def assemble(tx: Transaction, upload_id: str, parts: Sequence[Part], content_id: str) -> list[str]:
    """Make one content of the segments of `parts`, in order, and end the upload.

    No byte is copied: the rows of the segments change hands. Returns the blobs of parts left out.
    """
    position = 0
    for part in parts:
        moved = tx.execute(
            "UPDATE s3_segments SET content_id = ?, position = position + ? WHERE content_id = ?",
            (content_id, position, part.content_id),
        ).rowcount
        if moved == 0 and part.size > 0:  # uploaded anew between the check and this transaction
            raise InvalidPart(upload_id, part.number, part.etag)
        position += moved
    return end_upload(tx, upload_id)


def end_upload(tx: Transaction, upload_id: str) -> list[str]:
    """Delete the rows of an upload and of its parts; return the blobs to remove after the commit.

    Raises:
        NoSuchUpload: It has ended meanwhile: of two completions one gets this.
    """
    if tx.execute("DELETE FROM s3_uploads WHERE upload_id = ?", (upload_id,)).rowcount == 0:
        raise NoSuchUpload(upload_id)
    rows = tx.execute("SELECT content_id FROM s3_parts WHERE upload_id = ?", (upload_id,)).fetchall()
    blob_ids = [blob_id for row in rows for blob_id in delete_content(tx, row["content_id"])]
    tx.execute("DELETE FROM s3_parts WHERE upload_id = ?", (upload_id,))
    return blob_ids
