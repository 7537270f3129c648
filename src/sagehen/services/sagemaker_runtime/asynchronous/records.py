"""The SQL of asynchronous requests: a row each, until its answer or its error is stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.asynchronous.request import (
    AsyncRequest,
    EndpointKey,
    request_of_document,
)
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_async_requests (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL, region TEXT NOT NULL, endpoint TEXT NOT NULL, endpoint_at REAL NOT NULL,
        accepted_at REAL NOT NULL, expires_at REAL NOT NULL, losses INTEGER NOT NULL DEFAULT 0,
        document TEXT NOT NULL, body BLOB
    );
    CREATE INDEX sagemaker_async_requests_of
        ON sagemaker_async_requests (account_id, region, endpoint, endpoint_at, sequence);
    CREATE INDEX sagemaker_async_requests_expiry ON sagemaker_async_requests (expires_at);
    """,
)
_OF = "account_id = ? AND region = ? AND endpoint = ? AND endpoint_at = ?"


@dataclass(frozen=True, slots=True)
class QueuedRequest:
    """One row.

    Args:
        sequence: Rises from row to row.
        accepted_at: In seconds since the epoch, as `expires_at`, after which it is not begun.
        losses: How many instances have ended while they held it.
        body: Its input, where it came along; else None.
    """

    sequence: int
    endpoint: EndpointKey
    accepted_at: float
    expires_at: float
    losses: int
    request: AsyncRequest
    body: bytes | None


class AsyncRecords:
    """Reads and writes of them."""

    def __init__(self, database: Database) -> None:
        database.migrate("sagemaker-async-requests", MIGRATIONS)
        self._database = database

    def backlogs(self) -> list[tuple[EndpointKey, int, int]]:
        """Return each endpoint that has requests, with their number and the bytes of their inputs."""
        rows = self._database.all(
            "SELECT account_id, region, endpoint, endpoint_at, COUNT(*) AS number,"
            " TOTAL(LENGTH(body)) AS size FROM sagemaker_async_requests"
            " GROUP BY account_id, region, endpoint, endpoint_at"
        )
        return [(_key(row), row["number"], int(row["size"])) for row in rows]

    async def add(self, endpoint: EndpointKey, request: AsyncRequest, body: bytes | None, now: float) -> int:
        """Store a request and return its number; it is durable then."""
        values = (*_values(endpoint), now, now + request.ttl_s, json.dumps(request.document()), body)

        def insert(tx: Transaction) -> int:
            cursor = tx.execute(
                "INSERT INTO sagemaker_async_requests"
                " (account_id, region, endpoint, endpoint_at, accepted_at, expires_at, document, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            return cursor.lastrowid or 0

        return await self._database.write(insert, brief=True)

    def after(self, endpoint: EndpointKey, sequence: int) -> QueuedRequest | None:
        """Return an endpoint's oldest request after one; None where there is none."""
        row = self._database.one(
            f"SELECT * FROM sagemaker_async_requests WHERE {_OF} AND sequence > ? ORDER BY sequence LIMIT 1",
            (*_values(endpoint), sequence),
        )
        return _request(row) if row else None

    def get(self, sequence: int) -> QueuedRequest | None:
        """Return a request; None where it has ended."""
        row = self._database.one("SELECT * FROM sagemaker_async_requests WHERE sequence = ?", (sequence,))
        return _request(row) if row else None

    def oldest_at(self, endpoint: EndpointKey) -> float | None:
        """Return when an endpoint's oldest request was accepted."""
        row = self._database.one(
            f"SELECT accepted_at FROM sagemaker_async_requests WHERE {_OF} ORDER BY sequence LIMIT 1",
            _values(endpoint),
        )
        return row["accepted_at"] if row else None

    def expired(self, now: float, but: Sequence[int], most: int) -> list[QueuedRequest]:
        """Return requests whose time in the queue is over, but those that are under way; the oldest first."""
        rows = self._database.all(
            "SELECT * FROM sagemaker_async_requests WHERE expires_at <= ?"
            " AND sequence NOT IN (SELECT value FROM json_each(?))"
            " ORDER BY expires_at LIMIT ?",
            (now, json.dumps([*but]), most),
        )
        return [_request(row) for row in rows]

    async def note_loss(self, sequence: int) -> None:
        """Count an instance that ended while it held a request."""
        await self._database.execute(
            "UPDATE sagemaker_async_requests SET losses = losses + 1 WHERE sequence = ?", (sequence,)
        )

    async def remove(self, sequence: int) -> None:
        """Forget a request that has ended."""

        def delete(tx: Transaction) -> None:
            tx.execute("DELETE FROM sagemaker_async_requests WHERE sequence = ?", (sequence,))

        await self._database.write(delete, brief=True)


def _values(endpoint: EndpointKey) -> tuple[str, str, str, float]:
    return endpoint.scope.account_id, endpoint.scope.region, endpoint.name, endpoint.created_at


def _key(row: Row) -> EndpointKey:
    return EndpointKey(Scope(row["account_id"], row["region"]), row["endpoint"], row["endpoint_at"])


def _request(row: Row) -> QueuedRequest:
    return QueuedRequest(
        row["sequence"],
        _key(row),
        row["accepted_at"],
        row["expires_at"],
        row["losses"],
        request_of_document(json.loads(row["document"])),
        row["body"],
    )
