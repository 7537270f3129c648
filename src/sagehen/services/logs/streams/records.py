"""Streams as SQLite holds them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction


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


def _stream(row: Row) -> Stream:
    return Stream(
        row["id"], row["name"], row["created_ms"], row["first_ms"], row["last_ms"], row["ingested_ms"]
    )


class StreamRecords:
    """All SQL about streams."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stream(self, group_id: int, name: str) -> Stream | None:
        """Return a stream of a group; None where there is none."""
        row = self._database.one(
            "SELECT * FROM log_streams WHERE group_id = ? AND name = ?", (group_id, name)
        )
        return _stream(row) if row else None

    def group_name(self, scope: Scope, stream_id: int) -> str | None:
        """Return the name of the group that a stream is in; None where an account and region have none."""
        row = self._database.one(
            "SELECT g.name FROM log_streams s JOIN log_groups g ON g.id = s.group_id"
            " WHERE s.id = ? AND g.account_id = ? AND g.region = ?",
            (stream_id, scope.account_id, scope.region),
        )
        return None if row is None else str(row["name"])

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
        """Delete a stream; its events are left to the sweeper."""

        def delete(tx: Transaction) -> None:
            tx.execute("INSERT OR IGNORE INTO log_garbage VALUES (?)", (stream_id,))
            tx.execute("DELETE FROM log_streams WHERE id = ?", (stream_id,))

        await self._database.write(delete)
