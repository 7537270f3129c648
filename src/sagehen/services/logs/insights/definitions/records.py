"""Query definitions as SQLite holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.logs.errors import LimitExceededException, ResourceNotFoundException
from sagehen.store.database import LAST_CHARACTER, Database, Row, Transaction

# Documented: CloudWatch Logs quotas, 1,000 saved queries.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class QueryDefinition:
    """A definition.

    Args:
        members: QueryDefinition's members as they were given: queryString, logGroupNames, parameters.
        token: With which it was made.
    """

    id: str
    name: str
    members: Mapping[str, Any] = field(hash=False)
    modified_ms: int
    token: str | None = None


class DefinitionRecords:
    """All SQL about query definitions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make(self, scope: Scope, wanted: QueryDefinition) -> str:
        """Store a new definition; return its id, or that of the one which the same token has made.

        Raises:
            LimitExceededException: There are as many as may be.
        """

        def change(tx: Transaction) -> str:
            place = (scope.account_id, scope.region)
            made = tx.execute(
                "SELECT id FROM log_query_definitions WHERE account_id = ? AND region = ? AND token = ?",
                (*place, wanted.token),
            ).fetchone()
            if made is not None:
                return str(made["id"])
            count = tx.execute(
                "SELECT count(*) FROM log_query_definitions WHERE account_id = ? AND region = ?", place
            ).fetchone()[0]
            if count >= _MOST:
                raise LimitExceededException("Resource limit exceeded.")  # from memory
            tx.execute(
                "INSERT INTO log_query_definitions VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    wanted.id,
                    *place,
                    wanted.name,
                    json.dumps(wanted.members),
                    wanted.modified_ms,
                    wanted.token,
                ),
            )
            return wanted.id

        return await self._database.write(change)

    async def replace(self, scope: Scope, wanted: QueryDefinition) -> None:
        """Store a definition in place of the one of its id.

        Raises:
            ResourceNotFoundException: There is none.
        """
        changed = await self._database.execute(
            "UPDATE log_query_definitions SET name = ?, definition = ?, modified_ms = ?"
            " WHERE id = ? AND account_id = ? AND region = ?",
            (
                wanted.name,
                json.dumps(wanted.members),
                wanted.modified_ms,
                wanted.id,
                scope.account_id,
                scope.region,
            ),
        )
        if not changed:
            raise no_such_definition()

    async def delete(self, scope: Scope, definition_id: str) -> None:
        """Delete a definition.

        Raises:
            ResourceNotFoundException: There is none.
        """
        gone = await self._database.execute(
            "DELETE FROM log_query_definitions WHERE id = ? AND account_id = ? AND region = ?",
            (definition_id, scope.account_id, scope.region),
        )
        if not gone:
            raise no_such_definition()

    def page(
        self, scope: Scope, prefix: str, *, after: tuple[str, str] | None, limit: int, most_bytes: int
    ) -> tuple[list[QueryDefinition], bool]:
        """Return up to `limit` definitions in order of name, and whether their size left none out.

        Args:
            after: Name and id of the last one that was shown.
        """
        rows, whole = self._database.within(
            "SELECT * FROM log_query_definitions WHERE account_id = :account AND region = :region"
            " AND name >= :prefix AND name < :prefix || :last AND (name, id) > (:after_name, :after_id)"
            " ORDER BY name, id LIMIT :limit",
            {
                "account": scope.account_id,
                "region": scope.region,
                "prefix": prefix,
                "last": LAST_CHARACTER,
                "after_name": after[0] if after else "",
                "after_id": after[1] if after else "",
                "limit": limit,
            },
            most_bytes=most_bytes,
            size=lambda row: len(row["definition"]),
        )
        return [_definition(row) for row in rows], whole


def no_such_definition() -> ResourceNotFoundException:
    """Return the error for a definition that is not there (from memory)."""
    return ResourceNotFoundException("The specified query definition does not exist.")


def _definition(row: Row) -> QueryDefinition:
    return QueryDefinition(row["id"], row["name"], json.loads(row["definition"]), row["modified_ms"])
