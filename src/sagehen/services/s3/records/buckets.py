"""The rows of buckets and of what is configured on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sagehen.api.errors import ServiceError
from sagehen.domain.identity import canonical_id
from sagehen.domain.scope import partition_of
from sagehen.services.s3.errors.buckets import BucketNotEmpty, NoSuchBucket
from sagehen.services.s3.records.moments import milliseconds, moment
from sagehen.store.database import Database, Row, Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket. `versioning` is '', `Enabled` or `Suspended`."""

    name: str
    account_id: str
    region: str
    created_at: datetime
    versioning: str = ""

    @property
    def arn(self) -> str:
        return f"arn:{partition_of(self.region)}:s3:::{self.name}"

    def object_arn(self, key: str) -> str:
        """Return the ARN of a key; characters of it are not escaped, as policies have them."""
        return f"{self.arn}/{key}"

    @property
    def owner(self) -> dict[str, str]:
        return {"ID": canonical_id(self.account_id)}


def _bucket(row: Row) -> Bucket:
    return Bucket(row["name"], row["account_id"], row["region"], moment(row["created_ms"]), row["versioning"])


class BucketRecords:
    """Reads run at once, writes in the writer's transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # A request to S3 asks half a dozen times for what hardly ever changes. Of configurations the
        # text is remembered, not the document, which belongs to who asks.
        self._found = database.remember()
        self._documents = database.remember()

    def get(self, name: str) -> Bucket | None:
        """Return a bucket; remembered, so that every request may ask."""
        found: Bucket | None = self._found.get(name, lambda: self._read(name))
        return found

    def _read(self, name: str) -> Bucket | None:
        row = self._database.one("SELECT * FROM s3_buckets WHERE name = ?", (name,))
        return None if row is None else _bucket(row)

    def require(self, name: str) -> Bucket:
        """Return a bucket.

        Raises:
            NoSuchBucket.
        """
        bucket = self.get(name)
        if bucket is None:
            raise NoSuchBucket(name)
        return bucket

    def of_account(
        self, account_id: str, prefix: str, region: str | None, after: str, limit: int
    ) -> Sequence[Bucket]:
        """Return buckets of an account by name, behind `after`, `limit` at the most.

        Args:
            prefix: Of the name; empty for all.
            region: None for all.
            after: A name, itself excluded; empty from the first.
        """
        rows = self._database.all(
            "SELECT * FROM s3_buckets WHERE account_id = :account AND name > :after"
            " AND substr(name, 1, length(:prefix)) = :prefix AND (:region IS NULL OR region = :region)"
            " ORDER BY name LIMIT :limit",
            {"account": account_id, "after": after, "prefix": prefix, "region": region, "limit": limit},
        )
        return [_bucket(row) for row in rows]

    async def create(self, bucket: Bucket, configurations: dict[str, Any]) -> Bucket | None:
        """Insert it, or return the bucket that has the name already."""

        def change(tx: Transaction) -> Bucket | None:
            row = tx.execute("SELECT * FROM s3_buckets WHERE name = ?", (bucket.name,)).fetchone()
            if row is not None:
                return _bucket(row)
            tx.execute(
                "INSERT INTO s3_buckets VALUES (?, ?, ?, ?, ?)",
                (
                    bucket.name,
                    bucket.account_id,
                    bucket.region,
                    milliseconds(bucket.created_at),
                    bucket.versioning,
                ),
            )
            for kind, document in configurations.items():
                _put_configuration(tx, bucket.name, kind, document)
            return None

        return await self._database.write(change, touches=(self._found, self._documents))

    async def delete(self, bucket: Bucket) -> list[str]:
        """Delete an empty bucket with its unfinished uploads; return the blobs to remove."""

        def change(tx: Transaction) -> list[str]:
            found = tx.execute(
                "SELECT 1 FROM s3_versions WHERE bucket = ? LIMIT 1", (bucket.name,)
            ).fetchone()
            if found is not None:
                raise BucketNotEmpty(bucket.name, bool(bucket.versioning))
            parts = (
                "SELECT content_id FROM s3_parts JOIN s3_uploads USING (upload_id)"
                " WHERE s3_uploads.bucket = ?"
            )
            blobs = tx.execute(
                f"SELECT blob_id FROM s3_segments WHERE blob_id IS NOT NULL AND content_id IN ({parts})",
                (bucket.name,),
            ).fetchall()
            tx.execute(f"DELETE FROM s3_segments WHERE content_id IN ({parts})", (bucket.name,))
            tx.execute(
                "DELETE FROM s3_parts WHERE upload_id IN (SELECT upload_id FROM s3_uploads WHERE bucket = ?)",
                (bucket.name,),
            )
            tx.execute("DELETE FROM s3_uploads WHERE bucket = ?", (bucket.name,))
            tx.execute("DELETE FROM s3_bucket_configurations WHERE bucket = ?", (bucket.name,))
            if tx.execute("DELETE FROM s3_buckets WHERE name = ?", (bucket.name,)).rowcount == 0:
                raise NoSuchBucket(bucket.name)
            return [row["blob_id"] for row in blobs]

        return await self._database.write(change, touches=(self._found, self._documents))

    async def set_versioning(self, name: str, status: str) -> None:
        """Set it to `Enabled` or `Suspended`; returns after the commit."""
        await self._database.execute(
            "UPDATE s3_buckets SET versioning = ? WHERE name = ?", (status, name), touches=(self._found,)
        )

    # --- configurations --------------------------------------------------------------------

    def configuration(self, bucket: str, kind: str) -> Any:
        """Return the stored document, or None."""
        text = self._documents.get((bucket, kind), lambda: self._read_configuration(bucket, kind))
        return None if text is None else json.loads(text)

    def required(self, bucket: str, kind: str, absent: Callable[[str], ServiceError]) -> Any:
        """Return the stored document, or raise what `absent` makes of the bucket's name."""
        document = self.configuration(bucket, kind)
        if document is None:
            raise absent(bucket)
        return document

    def made(self, bucket: str, kind: str, make: Callable[[Any], T]) -> T | None:
        """Return what `make` makes of a document, made once until some document changes.

        Args:
            make: The same for every call about a kind.
        """

        def read() -> T | None:
            document = self.configuration(bucket, kind)
            return None if document is None else make(document)

        found: T | None = self._documents.get((bucket, kind, "made"), read)
        return found

    def has_configuration(self, bucket: str, kind: str) -> bool:
        """Tell whether there is a document, without reading it."""
        return self._documents.get((bucket, kind), lambda: self._read_configuration(bucket, kind)) is not None

    def _read_configuration(self, bucket: str, kind: str) -> str | None:
        row = self._database.one(
            "SELECT document FROM s3_bucket_configurations WHERE bucket = ? AND kind = ?", (bucket, kind)
        )
        return None if row is None else str(row["document"])

    def ownership(self, bucket: str) -> str | None:
        """Return who owns objects: None, which is `ObjectWriter`, where nothing is configured."""
        controls = self.configuration(bucket, "ownership")
        return None if controls is None else str(controls["Rules"][0]["ObjectOwnership"])

    def is_enforced(self, bucket: str) -> bool:
        """Tell whether ACLs have no say: the bucket's owner owns everything. Asked by every request."""
        text = self._documents.get(
            (bucket, "ownership"), lambda: self._read_configuration(bucket, "ownership")
        )
        return text is not None and '"BucketOwnerEnforced"' in text

    async def put_configuration(self, bucket: str, kind: str, document: Any) -> None:
        """Store a document in place of an earlier one; returns after the commit.

        Args:
            kind: What it configures; each room names its own.
            document: What JSON can hold.

        Raises:
            NoSuchBucket: The bucket went away meanwhile.
        """

        def change(tx: Transaction) -> None:
            if tx.execute("SELECT 1 FROM s3_buckets WHERE name = ?", (bucket,)).fetchone() is None:
                raise NoSuchBucket(bucket)
            _put_configuration(tx, bucket, kind, document)

        await self._database.write(change, touches=(self._documents,))

    async def change_configuration(self, bucket: str, kind: str, change_of: Callable[[Any], Any]) -> None:
        """Replace a document by what `change_of` makes of it (None: there is none), in one transaction."""

        def change(tx: Transaction) -> None:
            if tx.execute("SELECT 1 FROM s3_buckets WHERE name = ?", (bucket,)).fetchone() is None:
                raise NoSuchBucket(bucket)
            row = tx.execute(
                "SELECT document FROM s3_bucket_configurations WHERE bucket = ? AND kind = ?", (bucket, kind)
            ).fetchone()
            _put_configuration(tx, bucket, kind, change_of(None if row is None else json.loads(row[0])))

        await self._database.write(change, touches=(self._documents,))

    async def delete_configuration(self, bucket: str, kind: str) -> None:
        """Delete a document, if there is one; returns after the commit."""
        await self._database.execute(
            "DELETE FROM s3_bucket_configurations WHERE bucket = ? AND kind = ?",
            (bucket, kind),
            touches=(self._documents,),
        )


def _put_configuration(tx: Transaction, bucket: str, kind: str, document: Any) -> None:
    tx.execute(
        "INSERT INTO s3_bucket_configurations VALUES (?, ?, ?)"
        " ON CONFLICT (bucket, kind) DO UPDATE SET document = excluded.document",
        (bucket, kind, json.dumps(document)),
    )
