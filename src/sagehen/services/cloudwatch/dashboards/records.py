"""The SQL of dashboards. They are an account's, of no region (documented: API_PutDashboard)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sagehen.domain.scope import Scope
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE dashboards (
        account_id TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, modified_at REAL NOT NULL,
        PRIMARY KEY (account_id, name)) WITHOUT ROWID;
    """,
    "ALTER TABLE dashboards ADD COLUMN tags TEXT NOT NULL DEFAULT '{}'",
)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard, or its entry in a list, without its body.

    Args:
        account_id: Whose.
        name: Unique there.
        size: Of the body, in bytes.
        modified_at: UTC.
        body: JSON text as it came; empty in lists.
    """

    account_id: str
    name: str
    size: int
    modified_at: datetime
    body: str = ""

    @property
    def arn(self) -> str:
        """Its ARN, which has no region (recorded)."""
        return f"arn:aws:cloudwatch::{self.account_id}:dashboard/{self.name}"


class DashboardRecords:
    """Reads and writes of dashboards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, account_id: str, name: str) -> Dashboard | None:
        """Return a dashboard with its body, or None."""
        row = self._database.one(
            "SELECT *, length(CAST(body AS BLOB)) AS size FROM dashboards WHERE account_id = ? AND name = ?",
            (account_id, name),
        )
        return _dashboard(row, row["body"]) if row else None

    def behind(self, account_id: str, name: str, prefix: str, limit: int) -> list[Dashboard]:
        """Return up to `limit` dashboards behind `name` whose names begin with `prefix`, in order, without
        bodies.
        """
        rows = self._database.all(
            "SELECT account_id, name, modified_at, length(CAST(body AS BLOB)) AS size FROM dashboards"
            " WHERE account_id = ? AND name > ? AND name >= ? AND name < ? || ? ORDER BY name LIMIT ?",
            (account_id, name, prefix, prefix, LAST_CHARACTER, limit),
        )
        return [_dashboard(row) for row in rows]

    async def put(
        self, account_id: str, name: str, body: str, now: datetime, tags: Mapping[str, str]
    ) -> None:
        """Store a dashboard, new or changed; tags are a new one's, another keeps what it has."""
        await self._database.execute(
            "INSERT INTO dashboards (account_id, name, body, modified_at, tags) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (account_id, name)"
            " DO UPDATE SET body = excluded.body, modified_at = excluded.modified_at",
            (account_id, name, body, now.timestamp(), json.dumps(tags)),
        )

    def tags(self, scope: Scope, name: str) -> dict[str, str] | None:
        """Return the tags of a dashboard of an account, or None where there is no such dashboard."""
        row = self._database.one(
            "SELECT tags FROM dashboards WHERE account_id = ? AND name = ?", (scope.account_id, name)
        )
        return dict(json.loads(row["tags"])) if row else None

    async def set_tags(self, scope: Scope, name: str, tags: Mapping[str, str]) -> None:
        """Replace a dashboard's tags."""
        await self._database.execute(
            "UPDATE dashboards SET tags = ? WHERE account_id = ? AND name = ?",
            (json.dumps(tags), scope.account_id, name),
        )

    async def remove(self, account_id: str, names: list[str]) -> list[str]:
        """Delete dashboards, all or none; return the names that there are none of."""

        def delete(tx: Transaction) -> list[str]:
            missing = [
                name
                for name in names
                if not tx.execute(
                    "SELECT 1 FROM dashboards WHERE account_id = ? AND name = ?", (account_id, name)
                ).fetchone()
            ]
            if not missing:
                tx.executemany(
                    "DELETE FROM dashboards WHERE account_id = ? AND name = ?",
                    [(account_id, name) for name in names],
                )
            return missing

        return await self._database.write(delete)


def _dashboard(row: Row, body: str = "") -> Dashboard:
    return Dashboard(
        row["account_id"], row["name"], row["size"], datetime.fromtimestamp(row["modified_at"], UTC), body
    )
