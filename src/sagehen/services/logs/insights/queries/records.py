"""Queries and their results as SQLite holds them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.logs.insights.queries.query import UNDONE, Outcome, Query, Statistics, Status
from sagehen.store.database import Database, Row, Transaction

# Rows of a result that lie together: read and unpacked in a few ms.
PAGE_ROWS = 500
# Queries that are deleted in one transaction, with up to some MB of results each.
_BITE = 5
# Of an account and region the newest so many are kept, with so many bytes of results (ours).
MOST_KEPT = 1000
MOST_KEPT_BYTES = 256 * 1024 * 1024

ResultRow = Sequence[Sequence[str]]


class QueryRecords:
    """All SQL about queries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- writing ---------------------------------------------------------------------------

    async def add(self, query: Query, *, most_undone: int) -> bool:
        """Store a query that is to run; False where so many of its account and region run or wait already."""
        added = await self._database.execute(
            "INSERT INTO log_queries (id, account_id, region, groups, query, start_ms, end_ms, row_limit,"
            " created_ms, asked_by, status) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
            " WHERE (SELECT count(*) FROM log_queries WHERE account_id = ? AND region = ?"
            " AND status IN (?, ?)) < ?",
            (
                query.id,
                query.scope.account_id,
                query.scope.region,
                json.dumps(query.groups),
                query.text,
                query.start_ms,
                query.end_ms,
                query.limit,
                query.created_ms,
                query.asked_by,
                Status.SCHEDULED,
                query.scope.account_id,
                query.scope.region,
                *UNDONE,
                most_undone,
            ),
        )
        return bool(added)

    async def begin(self, query_id: str) -> int:
        """Note that a query runs; return how often it was begun, over all lives of the platform."""

        def change(tx: Transaction) -> int:
            row = tx.execute(
                "UPDATE log_queries SET status = ?, attempts = attempts + 1 WHERE id = ? RETURNING attempts",
                (Status.RUNNING, query_id),
            ).fetchone()
            return int(row["attempts"]) if row else 0

        return await self._database.write(change)

    async def end(self, query_id: str, outcome: Outcome, pages: Sequence[bytes]) -> None:
        """Store what has become of a query, with its results; nothing where it is gone."""
        for number, page in enumerate(pages):
            await self._database.execute(
                "INSERT OR REPLACE INTO log_query_pages SELECT ?, ?, ? WHERE EXISTS"
                " (SELECT 1 FROM log_queries WHERE id = ?)",
                (query_id, number, page, query_id),
            )
        statistics = outcome.statistics
        await self._database.execute(
            "UPDATE log_queries SET status = ?, duration_ms = ?, matched = ?, scanned = ?, scanned_bytes = ?,"
            " scanned_groups = ?, row_count = ?, bytes = ? WHERE id = ?",
            (
                outcome.status,
                outcome.duration_ms,
                statistics.matched,
                statistics.scanned,
                statistics.scanned_bytes,
                statistics.groups,
                statistics.rows,
                sum(map(len, pages)),
                query_id,
            ),
        )

    async def sweep(self, before_ms: int) -> int:
        """Delete one bite of queries that are older, or more than are kept; return how many went."""

        def delete(tx: Transaction) -> int:
            rows = tx.execute(
                "SELECT id FROM (SELECT id, created_ms, status, row_number() OVER newest AS place,"
                " sum(bytes) OVER newest AS total FROM log_queries"
                " WINDOW newest AS (PARTITION BY account_id, region ORDER BY created_ms DESC, id))"
                " WHERE status NOT IN (?, ?) AND (created_ms < ? OR place > ? OR total > ?) LIMIT ?",
                (*UNDONE, before_ms, MOST_KEPT, MOST_KEPT_BYTES, _BITE),
            ).fetchall()
            tx.executemany("DELETE FROM log_queries WHERE id = ?", [(row["id"],) for row in rows])
            return len(rows)

        return await self._database.write(delete)

    # --- reading ---------------------------------------------------------------------------

    def query(self, scope: Scope, query_id: str) -> tuple[Query, Outcome] | None:
        """Return a query and how far it is; None where there is none."""
        row = self._database.one(
            "SELECT * FROM log_queries WHERE id = ? AND account_id = ? AND region = ?",
            (query_id, scope.account_id, scope.region),
        )
        return None if row is None else (_query(row), _outcome(row))

    def rows(self, query_id: str, first: int, count: int) -> Iterator[Any]:
        """Yield so many rows of a result, from a place on; pages are read as they are needed. Blocking."""
        pages = self._database.each(
            "SELECT page, rows FROM log_query_pages WHERE query_id = ? AND page BETWEEN ? AND ?"
            " ORDER BY page",
            (query_id, first // PAGE_ROWS, (first + count - 1) // PAGE_ROWS),
        )
        for row in pages:
            start = row["page"] * PAGE_ROWS
            unpacked = json.loads(zlib.decompress(row["rows"]))
            yield from unpacked[max(first - start, 0) : first + count - start]

    def undone(self) -> list[Query]:
        """Return queries of all accounts that were to run, or ran, when an earlier life ended."""
        rows = self._database.all(
            "SELECT * FROM log_queries WHERE status IN (?, ?) ORDER BY created_ms, id", UNDONE
        )
        return [_query(row) for row in rows]

    def page(
        self,
        scope: Scope,
        *,
        group: str | None,
        status: str | None,
        after: tuple[int, str] | None,
        limit: int,
    ) -> list[tuple[Query, Outcome]]:
        """Return up to `limit` queries, newest first.

        Args:
            group, status: None is any.
            after: Time and id of the last one that was shown.
        """
        rows = self._database.all(
            "SELECT * FROM log_queries WHERE account_id = :account AND region = :region"
            " AND (:group IS NULL OR EXISTS (SELECT 1 FROM json_each(groups) WHERE value = :group))"
            " AND (:status IS NULL OR status = :status)"
            " AND (:after_ms IS NULL OR (created_ms, id) < (:after_ms, :after_id))"
            " ORDER BY created_ms DESC, id DESC LIMIT :limit",
            {
                "account": scope.account_id,
                "region": scope.region,
                "group": group,
                "status": status,
                "after_ms": after[0] if after else None,
                "after_id": after[1] if after else None,
                "limit": limit,
            },
        )
        return [(_query(row), _outcome(row)) for row in rows]


def packed(rows: Sequence[ResultRow]) -> Iterator[bytes]:
    """Yield a result's pages. Blocking; each takes some ms."""
    for start in range(0, len(rows), PAGE_ROWS):
        text = json.dumps(rows[start : start + PAGE_ROWS], separators=(",", ":"))
        yield zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def _query(row: Row) -> Query:
    return Query(
        row["id"],
        Scope(row["account_id"], row["region"]),
        json.loads(row["groups"]),
        row["query"],
        row["start_ms"],
        row["end_ms"],
        row["row_limit"],
        row["created_ms"],
        row["asked_by"],
    )


def _outcome(row: Row) -> Outcome:
    statistics = Statistics(
        row["matched"], row["scanned"], row["scanned_bytes"], row["scanned_groups"], row["row_count"]
    )
    return Outcome(Status(row["status"]), statistics, row["duration_ms"])
