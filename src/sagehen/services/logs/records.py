"""Groups, streams and tags as SQLite holds them. Events have a file of their own: event_records.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.store.database import Database, Row, Transaction

# Greater than any that a name may hold.
_LAST_CHARACTER = "\U0010ffff"
# log_events is clustered by (stream, time, arrival): a page of a stream is one range of the tree.
# It has no foreign key: the events of a deleted stream are swept later, in bites (log_garbage),
# so that deleting a large group does not hold every other writer up. AUTOINCREMENT, because a
# stream's id must not come back while events of its former owner are still there.
MIGRATIONS = (
    """
    CREATE TABLE log_groups (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
        created_ms INTEGER NOT NULL, retention_days INTEGER,
        class TEXT NOT NULL DEFAULT 'STANDARD', kms_key_id TEXT,
        deletion_protection INTEGER NOT NULL DEFAULT 0,
        stored_bytes INTEGER NOT NULL DEFAULT 0,
        UNIQUE (account_id, region, name));
    CREATE TABLE log_streams (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
        name TEXT NOT NULL, created_ms INTEGER NOT NULL,
        first_ms INTEGER, last_ms INTEGER, ingested_ms INTEGER,
        UNIQUE (group_id, name));
    CREATE TABLE log_tags (
        group_id INTEGER NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
        key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (group_id, key)) WITHOUT ROWID;
    CREATE TABLE log_events (
        stream_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, sequence INTEGER NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (stream_id, at_ms, sequence)) WITHOUT ROWID;
    CREATE TABLE log_garbage (stream_id INTEGER PRIMARY KEY);
    """,
    """
    CREATE TABLE log_metric_filters (
        group_id INTEGER NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
        name TEXT NOT NULL, created_ms INTEGER NOT NULL, pattern TEXT NOT NULL,
        transformation TEXT NOT NULL,
        PRIMARY KEY (group_id, name)) WITHOUT ROWID;
    CREATE TABLE log_subscription_filters (
        group_id INTEGER NOT NULL REFERENCES log_groups (id) ON DELETE CASCADE,
        name TEXT NOT NULL, created_ms INTEGER NOT NULL, pattern TEXT NOT NULL,
        destination_arn TEXT NOT NULL, distribution TEXT NOT NULL,
        PRIMARY KEY (group_id, name)) WITHOUT ROWID;
    CREATE TABLE log_outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        group_id INTEGER NOT NULL, stream_id INTEGER NOT NULL,
        first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
        first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL);
    """,
)


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str
    created_ms: int
    retention_days: int | None
    group_class: str
    kms_key_id: str | None
    deletion_protection: bool
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Stream:
    """`first_ms`, `last_ms`: event times; `ingested_ms`: when the last event arrived. None: no event."""

    id: int
    name: str
    created_ms: int
    first_ms: int | None
    last_ms: int | None
    ingested_ms: int | None


def _group(row: Row) -> Group:
    return Group(
        id=row["id"],
        name=row["name"],
        created_ms=row["created_ms"],
        retention_days=row["retention_days"],
        group_class=row["class"],
        kms_key_id=row["kms_key_id"],
        deletion_protection=bool(row["deletion_protection"]),
        stored_bytes=row["stored_bytes"],
    )


def _stream(row: Row) -> Stream:
    return Stream(
        row["id"], row["name"], row["created_ms"], row["first_ms"], row["last_ms"], row["ingested_ms"]
    )


class LogRecords:
    """All SQL about groups, streams and tags."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- groups ----------------------------------------------------------------------------

    def group(self, scope: Scope, name: str) -> Group | None:
        row = self._database.one(
            "SELECT * FROM log_groups WHERE account_id = ? AND region = ? AND name = ?",
            (scope.account_id, scope.region, name),
        )
        return _group(row) if row else None

    def groups(self, scope: Scope, prefix: str = "") -> list[Group]:
        rows = self._database.all(
            "SELECT * FROM log_groups WHERE account_id = ? AND region = ?"
            " AND name >= ? AND substr(name, 1, ?) = ? ORDER BY name",
            (scope.account_id, scope.region, prefix, len(prefix), prefix),
        )
        return [_group(row) for row in rows]

    def metric_filter_counts(self, scope: Scope) -> dict[int, int]:
        """Return group id -> number of its metric filters, for groups that have any."""
        rows = self._database.all(
            "SELECT f.group_id, count(*) AS filters FROM log_metric_filters f"
            " JOIN log_groups g ON g.id = f.group_id WHERE g.account_id = ? AND g.region = ?"
            " GROUP BY f.group_id",
            (scope.account_id, scope.region),
        )
        return {row["group_id"]: row["filters"] for row in rows}

    def groups_with_retention(self) -> list[Group]:
        rows = self._database.all("SELECT * FROM log_groups WHERE retention_days IS NOT NULL")
        return [_group(row) for row in rows]

    async def create_group(self, scope: Scope, group: Group, tags: Mapping[str, str]) -> bool:
        """Make a group (its `id` is ignored); return False where one of that name exists."""

        def insert(tx: Transaction) -> bool:
            cursor = tx.execute(
                "INSERT INTO log_groups (account_id, region, name, created_ms, class, kms_key_id,"
                " deletion_protection) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    scope.account_id,
                    scope.region,
                    group.name,
                    group.created_ms,
                    group.group_class,
                    group.kms_key_id,
                    group.deletion_protection,
                ),
            )
            if not cursor.rowcount:
                return False
            _put_tags(tx, cursor.lastrowid or 0, tags)
            return True

        return await self._database.write(insert)

    async def delete_group(self, group_id: int) -> None:
        def delete(tx: Transaction) -> None:
            tx.execute(
                "INSERT OR IGNORE INTO log_garbage SELECT id FROM log_streams WHERE group_id = ?", (group_id,)
            )
            tx.execute("DELETE FROM log_groups WHERE id = ?", (group_id,))

        await self._database.write(delete)

    async def set_deletion_protection(self, group_id: int, enabled: bool) -> None:
        await self._database.execute(
            "UPDATE log_groups SET deletion_protection = ? WHERE id = ?", (enabled, group_id)
        )

    async def set_retention(self, group_id: int, days: int | None) -> None:
        await self._database.execute(
            "UPDATE log_groups SET retention_days = ? WHERE id = ?", (days, group_id)
        )

    # --- streams ---------------------------------------------------------------------------

    def stream(self, group_id: int, name: str) -> Stream | None:
        row = self._database.one(
            "SELECT * FROM log_streams WHERE group_id = ? AND name = ?", (group_id, name)
        )
        return _stream(row) if row else None

    def streams(self, group_id: int, prefix: str = "") -> list[Stream]:
        rows = self._database.all(
            "SELECT * FROM log_streams WHERE group_id = ? AND name >= ? AND substr(name, 1, ?) = ?"
            " ORDER BY name",
            (group_id, prefix, len(prefix), prefix),
        )
        return [_stream(row) for row in rows]

    def stream_page(
        self,
        group_id: int,
        prefix: str,
        *,
        by_time: bool,
        descending: bool,
        after: tuple[int, str] | None,
        limit: int,
    ) -> list[Stream]:
        """Return up to `limit` streams behind `after`, in order of name, or of last event (none: 0) and name.

        Args:
            after: (time, name) of the last one shown; the time is 0 in order of name.
        """
        time = "coalesce(last_ms, 0)" if by_time else "0"
        way, beyond = ("DESC", "<") if descending else ("ASC", ">")
        sought = (
            f" AND name {beyond} :name" if not by_time else f" AND ({time}, name) {beyond} (:time, :name)"
        )
        order = f"{time} {way}, name {way}" if by_time else f"name {way}"
        rows = self._database.all(
            "SELECT * FROM log_streams"
            " WHERE group_id = :group AND name >= :prefix AND name < :prefix || :last"
            f"{sought if after else ''} ORDER BY {order} LIMIT :limit",
            {
                "group": group_id,
                "prefix": prefix,
                "last": _LAST_CHARACTER,
                "time": after[0] if after else 0,
                "name": after[1] if after else "",
                "limit": limit,
            },
        )
        return [_stream(row) for row in rows]

    async def create_stream(self, group_id: int, name: str, created_ms: int) -> bool:
        """Make a stream; return False where one of that name exists."""
        inserted = await self._database.execute(
            "INSERT INTO log_streams (group_id, name, created_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (group_id, name, created_ms),
        )
        return bool(inserted)

    async def delete_stream(self, stream_id: int) -> None:
        def delete(tx: Transaction) -> None:
            tx.execute("INSERT OR IGNORE INTO log_garbage VALUES (?)", (stream_id,))
            tx.execute("DELETE FROM log_streams WHERE id = ?", (stream_id,))

        await self._database.write(delete)

    # --- tags ------------------------------------------------------------------------------

    def tags(self, group_id: int) -> dict[str, str]:
        rows = self._database.all(
            "SELECT key, value FROM log_tags WHERE group_id = ? ORDER BY key", (group_id,)
        )
        return {row["key"]: row["value"] for row in rows}

    async def put_tags(self, group_id: int, tags: Mapping[str, str]) -> None:
        await self._database.write(lambda tx: _put_tags(tx, group_id, tags))

    async def delete_tags(self, group_id: int, keys: Sequence[str]) -> None:
        def delete(tx: Transaction) -> None:
            tx.executemany(
                "DELETE FROM log_tags WHERE group_id = ? AND key = ?", [(group_id, key) for key in keys]
            )

        await self._database.write(delete)


def _put_tags(tx: Transaction, group_id: int, tags: Mapping[str, str]) -> None:
    tx.executemany(
        "INSERT INTO log_tags VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        [(group_id, key, value) for key, value in tags.items()],
    )
