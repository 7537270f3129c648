"""The rows of object versions: one key's history, newest first; `null` is the version of no version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sagehen.services.s3.bucket_records import milliseconds, moment
from sagehen.services.s3.contents import Draft, delete_content
from sagehen.services.s3.errors import NoSuchBucket
from sagehen.store.database import Database, Row, Transaction

NULL_VERSION = "null"
# To SQLite every BLOB is greater than any TEXT: an upper bound that keeps the range scan's shape.
BEYOND_ALL_KEYS = b""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or a delete marker.

    Args:
        etag: With quotes.
        checksum: Base64, with `-N` behind a composite one.
        details: Metadata, content headers, encryption, parts, as they were given.
        sequence: Its place in time; 0 until stored.
    """

    bucket: str
    key: str
    version_id: str
    owner_id: str
    last_modified: datetime
    size: int = 0
    etag: str = ""
    storage_class: str = "STANDARD"
    checksum_algorithm: str = ""
    checksum_type: str = ""
    checksum: str = ""
    tags: Mapping[str, str] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    content_id: str = ""
    is_latest: bool = True
    is_marker: bool = False
    sequence: int = 0

    @property
    def parts(self) -> list[list[Any]]:
        """Return [number, size, checksum] of each part of a multipart object."""
        parts: list[list[Any]] = self.details.get("Parts", [])
        return parts


@dataclass(frozen=True, slots=True)
class Deletion:
    """What deleting did: the version that went or the marker that came; `changed` False: nothing."""

    version_id: str | None
    is_marker: bool
    blob_ids: list[str]
    changed: bool = True


def version_of(row: Row) -> Version:
    return Version(
        bucket=row["bucket"],
        key=row["key"],
        version_id=row["version_id"],
        owner_id=row["owner_id"],
        last_modified=moment(row["modified_ms"]),
        size=row["size"],
        etag=row["etag"],
        storage_class=row["storage_class"],
        checksum_algorithm=row["checksum_algorithm"],
        checksum_type=row["checksum_type"],
        checksum=row["checksum"],
        tags=None if row["tags"] is None else json.loads(row["tags"]),
        details=json.loads(row["details"]),
        content_id=row["content_id"],
        is_latest=bool(row["is_latest"]),
        is_marker=bool(row["is_marker"]),
        sequence=row["sequence"],
    )


_LATEST = "SELECT * FROM s3_versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1"
_BY_ID = "SELECT * FROM s3_versions WHERE bucket = ? AND key = ? AND version_id = ?"
_LISTED = (
    "key, version_id, size, etag, modified_ms, storage_class, checksum_algorithm, checksum_type,"
    " owner_id, is_latest, is_marker, sequence"
)


class ObjectRecords:
    """Reads run at once, writes in the writer's transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, bucket: str, key: str, version_id: str | None = None) -> Version | None:
        """Return the latest version (which may be a delete marker) or the one named."""
        if version_id is None:
            row = self._database.one(_LATEST, (bucket, key))
        else:
            row = self._database.one(_BY_ID, (bucket, key, version_id))
        return None if row is None else version_of(row)

    def page(self, bucket: str, low: str, high: str | None, inclusive: bool, limit: int) -> list[Row]:
        """Return current objects with `low` < key < `high` (`low` itself too if inclusive)."""
        return self._database.all(
            f"SELECT {_LISTED} FROM s3_versions WHERE bucket = ? AND is_latest = 1 AND is_marker = 0"
            f" AND key {'>=' if inclusive else '>'} ? AND key < ? ORDER BY key LIMIT ?",
            (bucket, low, BEYOND_ALL_KEYS if high is None else high, limit),
        )

    def version_page(self, bucket: str, low: str, high: str | None, below: int, limit: int) -> list[Row]:
        """Return versions of keys from `low` on, newest first, for `low` only older than `below`."""
        return self._database.all(
            f"SELECT {_LISTED} FROM s3_versions WHERE bucket = ? AND key >= ? AND key < ?"
            " AND (key > ? OR sequence < ?) ORDER BY key, sequence DESC LIMIT ?",
            (bucket, low, BEYOND_ALL_KEYS if high is None else high, low, below, limit),
        )

    async def set_tags(self, sequence: int, tags: Mapping[str, str] | None) -> None:
        await self._database.execute(
            "UPDATE s3_versions SET tags = ? WHERE sequence = ?",
            (json.dumps(dict(tags)) if tags else None, sequence),
        )

    async def put(
        self,
        version: Version,
        new_version_id: str,
        content: Draft | Callable[[Transaction], None],
        check: Callable[[Version | None], None],
    ) -> tuple[Version, list[str]]:
        """Store a version as the latest one.

        Args:
            version: Its `version_id` is set here: `new_version_id` where the bucket is versioned.
            new_version_id: Drawn beforehand.
            content: Its bytes, or what makes rows of them in the same transaction.
            check: Sees the current object (None: none, or a delete marker) and may raise.

        Returns:
            The version as stored and the blobs to remove.

        Raises:
            NoSuchBucket: The bucket went away meanwhile.
        """

        def change(tx: Transaction) -> tuple[Version, list[str]]:
            versioning = _versioning(tx, version.bucket)
            row = tx.execute(_LATEST, (version.bucket, version.key)).fetchone()
            check(None if row is None or row["is_marker"] else version_of(row))
            if isinstance(content, Draft):
                content.insert(tx)
            else:
                content(tx)
            version_id = new_version_id if versioning == "Enabled" else NULL_VERSION
            return _append(tx, version, version_id)

        return await self._database.write(change)

    async def delete_latest(
        self, marker: Version, new_version_id: str, check: Callable[[Version | None], None]
    ) -> Deletion:
        """Delete without a version id: the object itself, or a delete marker on top of its history."""

        def change(tx: Transaction) -> Deletion:
            versioning = _versioning(tx, marker.bucket)
            row = tx.execute(_LATEST, (marker.bucket, marker.key)).fetchone()
            check(None if row is None or row["is_marker"] else version_of(row))
            if not versioning:
                blob_ids = _remove(tx, marker.bucket, marker.key, NULL_VERSION)
                return Deletion(None, False, blob_ids, changed=row is not None)
            version_id = new_version_id if versioning == "Enabled" else NULL_VERSION
            stored, blob_ids = _append(tx, marker, version_id)
            return Deletion(stored.version_id, True, blob_ids)

        return await self._database.write(change)

    async def delete_version(self, bucket: str, key: str, version_id: str) -> Deletion:
        """Delete one version for good; the next newest becomes the latest."""

        def change(tx: Transaction) -> Deletion:
            row = tx.execute(_BY_ID, (bucket, key, version_id)).fetchone()
            if row is None:
                return Deletion(version_id, False, [], changed=False)
            blob_ids = _remove(tx, bucket, key, version_id)
            tx.execute(
                "UPDATE s3_versions SET is_latest = 1 WHERE sequence ="
                " (SELECT max(sequence) FROM s3_versions WHERE bucket = ? AND key = ?)",
                (bucket, key),
            )
            return Deletion(version_id, bool(row["is_marker"]), blob_ids)

        return await self._database.write(change)


def _versioning(tx: Transaction, bucket: str) -> str:
    row = tx.execute("SELECT versioning FROM s3_buckets WHERE name = ?", (bucket,)).fetchone()
    if row is None:
        raise NoSuchBucket(bucket)
    versioning: str = row["versioning"]
    return versioning


def _remove(tx: Transaction, bucket: str, key: str, version_id: str) -> list[str]:
    row = tx.execute(_BY_ID, (bucket, key, version_id)).fetchone()
    if row is None:
        return []
    tx.execute("DELETE FROM s3_versions WHERE sequence = ?", (row["sequence"],))
    return delete_content(tx, row["content_id"])


def _append(tx: Transaction, version: Version, version_id: str) -> tuple[Version, list[str]]:
    """Put a version on top of its key's history; an older `null` version gives way to a new one."""
    blob_ids: list[str] = []
    if version_id == NULL_VERSION:
        blob_ids = _remove(tx, version.bucket, version.key, NULL_VERSION)
    tx.execute(
        "UPDATE s3_versions SET is_latest = 0 WHERE bucket = ? AND key = ? AND is_latest = 1",
        (version.bucket, version.key),
    )
    sequence = tx.execute(
        "INSERT INTO s3_versions (bucket, key, version_id, is_latest, is_marker, owner_id, modified_ms, size,"
        " etag, storage_class, checksum_algorithm, checksum_type, checksum, tags, details, content_id)"
        " VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            version.bucket,
            version.key,
            version_id,
            version.is_marker,
            version.owner_id,
            milliseconds(version.last_modified),
            version.size,
            version.etag,
            version.storage_class,
            version.checksum_algorithm,
            version.checksum_type,
            version.checksum,
            json.dumps(dict(version.tags)) if version.tags else None,
            json.dumps(version.details),
            version.content_id,
        ),
    ).lastrowid
    return replace(version, version_id=version_id, sequence=sequence or 0), blob_ids
