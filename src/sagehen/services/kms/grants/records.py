"""Grants as SQLite holds them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sagehen.services.kms.grants.grant import Grant
from sagehen.store.database import Database, Row


def _grant(row: Row) -> Grant:
    document: dict[str, Any] = json.loads(row["document"])
    document["operations"] = tuple(document["operations"])
    document["retirers"] = tuple(document.get("retirers", ()))
    return Grant(**document)


class GrantRecords:
    """All SQL about grants.

    Attributes:
        generation: Rises with every change.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.generation = 0

    def of_key(self, key_id: str) -> list[Grant]:
        """Return a key's grants, by id."""
        rows = self._database.all("SELECT * FROM kms_grants WHERE key_id = ? ORDER BY id", (key_id,))
        return [_grant(row) for row in rows]

    def by_token(self, token: str) -> Grant | None:
        """Return the grant of a GrantToken, or None."""
        row = self._database.one("SELECT * FROM kms_grants WHERE token = ?", (token,))
        return _grant(row) if row else None

    def every(self) -> list[Grant]:
        """Return all grants, by id."""
        return [_grant(row) for row in self._database.all("SELECT * FROM kms_grants ORDER BY id")]

    async def add(self, grant: Grant) -> None:
        """Store a new grant; the guard of its key counts it from the moment this returns."""
        await self._database.execute(
            "INSERT INTO kms_grants VALUES (?, ?, ?, ?)",
            (grant.id, grant.key_id, grant.token, json.dumps(asdict(grant))),
        )
        self.generation += 1

    async def delete(self, grant: Grant) -> None:
        """Delete a grant; one that is gone already is no error."""
        await self._database.execute("DELETE FROM kms_grants WHERE id = ?", (grant.id,))
        self.generation += 1
