"""The rows of object versions: one key's history, newest first; `null` is the version of no version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sagehen.services.s3.contents.segments import Draft, Segment, delete_content
from sagehen.services.s3.errors.buckets import NoSuchBucket
from sagehen.services.s3.errors.objects import OperationAborted
from sagehen.services.s3.records.keys import BEYOND_ALL_KEYS
from sagehen.services.s3.records.moments import milliseconds, shown_moment
from sagehen.store.database import Database, Row, Transaction

NULL_VERSION = "null"
# Rows that a write may make in the event loop; with more it goes to the writer's thread.
_BRIEF_SEGMENTS = 16


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or a delete marker.

    Args:
        etag: With quotes.
        checksum: Base64, with `-N` behind a composite one.
        details: Metadata, content headers, encryption, parts, as they were given.
        content_id: Of its segments; empty where its data are in its own row, or it has none.
        sequence: Its place in time; 0 until stored. Versions that take each other's place share it.
        written_ms: When it was written; `last_modified` is its second, or when its upload began.
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
    written_ms: int = 0

    @property
    def acl(self) -> list[list[str]] | None:
        """Return [grantee, permission] pairs; None where nobody put any."""
        return self.details.get("Acl")

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
    """Return the version of a row that has all columns but the data."""
    return Version(
        bucket=row["bucket"],
        key=row["key"],
        version_id=row["version_id"],
        owner_id=row["owner_id"],
        last_modified=shown_moment(row["modified_ms"]),
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
        written_ms=row["modified_ms"],
    )


# All but the data.
_COLUMNS = (
    "sequence, bucket, key, version_id, is_latest, is_marker, owner_id, modified_ms, size, etag,"
    " storage_class, checksum_algorithm, checksum_type, checksum, tags, details, content_id"
)
_LATEST = f"SELECT {_COLUMNS} FROM s3_versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1"
_BY_ID = f"SELECT {_COLUMNS} FROM s3_versions WHERE bucket = ? AND key = ? AND version_id = ?"
_CURRENT = (
    f"SELECT versioning, {_COLUMNS} FROM s3_buckets LEFT JOIN s3_versions ON bucket = name AND key = ?"
    " WHERE name = ? ORDER BY sequence DESC LIMIT 1"
)
_WRITTEN = (
    "is_marker", "owner_id", "modified_ms", "size", "etag", "storage_class", "checksum_algorithm",
    "checksum_type", "checksum", "tags", "details", "content_id", "data",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO s3_versions (is_latest, bucket, key, version_id, {', '.join(_WRITTEN)})"
    f" VALUES (1, ?, ?, ?, {', '.join('?' * len(_WRITTEN))})"
)
_REPLACE = f"UPDATE s3_versions SET {', '.join(f'{name} = ?' for name in _WRITTEN)} WHERE sequence = ?"
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

    def segments(self, version: Version) -> list[Segment]:
        """Return the bytes of a version.

        Raises:
            OperationAborted: It went since its record was read.
        """
        if version.content_id:
            rows = self._database.all(
                "SELECT data, blob_id, start, length, iv FROM s3_segments"
                " WHERE content_id = ? ORDER BY position",
                (version.content_id,),
            )
            segments = [
                Segment(row["length"], row["start"], row["data"], row["blob_id"], row["iv"]) for row in rows
            ]
        else:
            row = self._database.one(
                "SELECT data FROM s3_versions WHERE sequence = ? AND etag = ?",
                (version.sequence, version.etag),
            )
            data: bytes = b"" if row is None else row["data"] or b""
            segments = [Segment(len(data), data=data)] if data else []
        if sum(part.length for part in segments) != version.size:
            raise OperationAborted()
        return segments

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
        """Replace the tags of the version at a place in time; returns after the commit."""
        await self._database.execute(
            "UPDATE s3_versions SET tags = ? WHERE sequence = ?",
            (json.dumps(dict(tags)) if tags else None, sequence),
        )

    async def set_acl(self, version: Version, acl: list[list[str]]) -> None:
        """Replace a version's ACL, unless another version has taken its place; returns after the commit."""
        await self._database.execute(
            "UPDATE s3_versions SET details = json_set(details, '$.Acl', json(?))"
            " WHERE sequence = ? AND etag = ?",
            (json.dumps(acl), version.sequence, version.etag),
        )

    async def change_details(
        self, version: Version, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    ) -> None:
        """Replace a version's details by what `change` makes of the present ones; it may raise.

        Raises:
            OperationAborted: The version went meanwhile, or another took its place.
        """

        def write(tx: Transaction) -> None:
            row = tx.execute(
                "SELECT details FROM s3_versions WHERE sequence = ? AND etag = ?",
                (version.sequence, version.etag),
            ).fetchone()
            if row is None:
                raise OperationAborted()
            tx.execute(
                "UPDATE s3_versions SET details = ? WHERE sequence = ?",
                (json.dumps(change(json.loads(row["details"]))), version.sequence),
            )

        await self._database.write(write)

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
            versioning, latest = _current(tx, version.bucket, version.key)
            check(None if latest is None or latest["is_marker"] else version_of(latest))
            if callable(content):
                content(tx)
            elif data is None:
                content.insert(tx)
            # Suspended ones write over `null` (documented: Adding objects to versioning-suspended buckets).
            version_id = new_version_id if versioning == "Enabled" else NULL_VERSION
            return _append(tx, version, version_id, latest, data)

        data: bytes | None = None
        if isinstance(content, Draft):
            data = content.inline
            if data is None:
                version = replace(version, content_id=content.content_id)

        return await self._database.write(change, brief=_is_brief(content))

    async def delete_latest(
        self, marker: Version, new_version_id: str, check: Callable[[Version | None], None]
    ) -> Deletion:
        """Delete without a version id: the object itself, or a delete marker on top of its history."""

        def change(tx: Transaction) -> Deletion:
            versioning, latest = _current(tx, marker.bucket, marker.key)
            check(None if latest is None or latest["is_marker"] else version_of(latest))
            if not versioning:
                blob_ids = [] if latest is None else _remove(tx, latest)
                return Deletion(None, False, blob_ids, changed=latest is not None)
            version_id = new_version_id if versioning == "Enabled" else NULL_VERSION
            stored, blob_ids = _append(tx, marker, version_id, latest)
            return Deletion(stored.version_id, True, blob_ids)

        return await self._database.write(change, brief=True)

    async def delete_version(
        self, bucket: str, key: str, version_id: str, check: Callable[[Version], None]
    ) -> Deletion:
        """Delete one version for good; the next newest becomes the latest.

        Args:
            check: Sees the version (or marker) that is to go, and may raise.
        """

        def change(tx: Transaction) -> Deletion:
            row = tx.execute(_BY_ID, (bucket, key, version_id)).fetchone()
            if row is None:
                return Deletion(version_id, False, [], changed=False)
            check(version_of(row))
            blob_ids = _remove(tx, row)
            tx.execute(
                "UPDATE s3_versions SET is_latest = 1 WHERE sequence ="
                " (SELECT max(sequence) FROM s3_versions WHERE bucket = ? AND key = ?)",
                (bucket, key),
            )
            return Deletion(version_id, bool(row["is_marker"]), blob_ids)

        return await self._database.write(change, brief=True)


def _is_brief(content: Draft | Callable[[Transaction], None]) -> bool:
    """Tell whether storing it takes a few statements: many parts make as many rows."""
    return isinstance(content, Draft) and len(content.segments) <= _BRIEF_SEGMENTS


def _current(tx: Transaction, bucket: str, key: str) -> tuple[str, Row | None]:
    """Return the bucket's versioning and the key's latest version or marker."""
    row: Row | None = tx.execute(_CURRENT, (key, bucket)).fetchone()
    if row is None:
        raise NoSuchBucket(bucket)
    return row["versioning"], None if row["sequence"] is None else row


def _remove(tx: Transaction, row: Row) -> list[str]:
    tx.execute("DELETE FROM s3_versions WHERE sequence = ?", (row["sequence"],))
    return delete_content(tx, row["content_id"])


def _append(
    tx: Transaction, version: Version, version_id: str, latest: Row | None, data: bytes | None = None
) -> tuple[Version, list[str]]:
    """Put a version on top of its key's history; an older `null` version gives way to a new one."""
    if latest is not None and latest["version_id"] == version_id:
        # In its place: the indexes stay as they are.
        tx.execute(_REPLACE, (*_values(version, data), latest["sequence"]))
        stored = replace(version, version_id=version_id, sequence=latest["sequence"])
        return stored, delete_content(tx, latest["content_id"])
    blob_ids: list[str] = []
    if latest is not None:
        if version_id == NULL_VERSION:
            buried = tx.execute(_BY_ID, (version.bucket, version.key, NULL_VERSION)).fetchone()
            blob_ids = [] if buried is None else _remove(tx, buried)
        tx.execute("UPDATE s3_versions SET is_latest = 0 WHERE sequence = ?", (latest["sequence"],))
    named = (version.bucket, version.key, version_id)
    sequence = tx.execute(_INSERT, (*named, *_values(version, data))).lastrowid
    return replace(version, version_id=version_id, sequence=sequence or 0), blob_ids


def _values(version: Version, data: bytes | None) -> tuple[Any, ...]:
    return (
        version.is_marker,
        version.owner_id,
        version.written_ms or milliseconds(version.last_modified),
        version.size,
        version.etag,
        version.storage_class,
        version.checksum_algorithm,
        version.checksum_type,
        version.checksum,
        json.dumps(dict(version.tags)) if version.tags else None,
        json.dumps(version.details),
        version.content_id,
        data,
    )
