"""Groups, streams and tags as SQLite holds them. Events have a file of their own: event_records.py."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction

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
    # Events lie plain on the disk, so that a key never had an effect.
    "ALTER TABLE log_groups DROP COLUMN kms_key_id;",
)


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str
    created_ms: int
    retention_days: int | None
    group_class: str
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


@dataclass(frozen=True, slots=True)
class Span:
    """A stream with the time of the event that comes first in a listing: its first, or its last."""

    stream_id: int
    edge_ms: int


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which groups are asked for; '' and None are all. `pattern` stands anywhere in a name."""

    prefix: str = ""
    pattern: str = ""
    group_class: str | None = None
    names: Sequence[str] | None = None


def _group(row: Row) -> Group:
    return Group(
        id=row["id"],
        name=row["name"],
        created_ms=row["created_ms"],
        retention_days=row["retention_days"],
        group_class=row["class"],
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

    def group_page(
        self, scope: Scope, wanted: GroupFilter, *, after: str, limit: int
    ) -> list[tuple[Group, int]]:
        """Return up to `limit` groups behind the name `after`, each with the number of its metric filters."""
        rows = self._database.all(
            "SELECT *, (SELECT count(*) FROM log_metric_filters f WHERE f.group_id = g.id) AS metric_filters"
            " FROM log_groups g WHERE account_id = :account AND region = :region"
            " AND name > :after AND name >= :prefix AND name < :prefix || :last"
            " AND (:pattern = '' OR instr(name, :pattern)) AND (:class IS NULL OR class = :class)"
            " AND (:names IS NULL OR name IN (SELECT value FROM json_each(:names)))"
            " ORDER BY name LIMIT :limit",
            {
                "account": scope.account_id,
                "region": scope.region,
                "after": after,
                "prefix": wanted.prefix,
                "last": LAST_CHARACTER,
                "pattern": wanted.pattern,
                "class": wanted.group_class,
                "names": None if wanted.names is None else json.dumps(wanted.names),
                "limit": limit,
            },
        )
        return [(_group(row), row["metric_filters"]) for row in rows]

    def groups_with_retention(self) -> list[Group]:
        rows = self._database.all("SELECT * FROM log_groups WHERE retention_days IS NOT NULL")
        return [_group(row) for row in rows]

    async def create_group(self, scope: Scope, group: Group, tags: Mapping[str, str]) -> bool:
        """Make a group (its `id` is ignored); return False where one of that name exists."""

        def insert(tx: Transaction) -> bool:
            cursor = tx.execute(
                "INSERT INTO log_groups (account_id, region, name, created_ms, class, deletion_protection)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    scope.account_id,
                    scope.region,
                    group.name,
                    group.created_ms,
                    group.group_class,
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

    def stream_names(self, ids: Collection[int]) -> dict[int, str]:
        """Return the names of streams by their ids, as far as they are there."""
        rows = self._database.all(
            "SELECT id, name FROM log_streams WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {row["id"]: row["name"] for row in rows}

    def spans(
        self,
        group_id: int,
        *,
        prefix: str,
        names: Sequence[str] | None,
        first_ms: int,
        last_ms: int,
        descending: bool,
    ) -> Iterator[Span]:
        """Yield the streams that may have events from `first_ms` to `last_ms`, in order of their edges.

        To be gone through at once, see `Database.each`.

        Args:
            prefix, names: Which streams; None is all.
            descending: The edge is the time of the last event, newest first; else of the first, oldest first.
        """
        edge, way = ("last_ms", "DESC") if descending else ("first_ms", "ASC")
        rows = self._database.each(
            f"SELECT id, {edge} AS edge FROM log_streams"
            " WHERE group_id = :group AND name >= :prefix AND name < :prefix || :last"
            " AND (:names IS NULL OR name IN (SELECT value FROM json_each(:names)))"
            f" AND first_ms <= :last_ms AND last_ms >= :first_ms ORDER BY {edge} {way}",
            {
                "group": group_id,
                "prefix": prefix,
                "last": LAST_CHARACTER,
                "names": None if names is None else json.dumps(list(names)),
                "first_ms": first_ms,
                "last_ms": last_ms,
            },
        )
        return (Span(row["id"], row["edge"]) for row in rows)

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
                "last": LAST_CHARACTER,
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
