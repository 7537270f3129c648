"""The SQL of aliases."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import (
    ResourceConflictException,
    ResourceNotFoundException,
    alias_not_found,
)
from sagehen.services.lambda_.functions.rows import delete_qualified, read_version
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.storage.rows import OF_NAME, key
from sagehen.services.lambda_.storage.tables import Tables
from sagehen.store.database import Row, Transaction

_ONE = f"SELECT * FROM lambda_aliases {OF_NAME} AND alias = ?"


@dataclass(frozen=True, slots=True)
class AliasRecord:
    """An alias; the reference is qualified with its name.

    Args:
        version: Where it points.
        weights: Further version -> its share of the invocations, in (0, 1).
    """

    reference: FunctionReference
    version: str
    description: str
    revision_id: str
    weights: Mapping[str, float] = field(default_factory=dict)

    def shares(self) -> list[tuple[str, float]]:
        """Return every version with its share; they add up to 1."""
        return [*self.weights.items(), (self.version, 1.0 - sum(self.weights.values()))]


class AliasRecords:
    """Reads and writes of aliases."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def get(self, reference: FunctionReference) -> AliasRecord | None:
        """Return the alias that the reference is qualified with."""
        row = self._tables.database.one(_ONE, (*key(reference), reference.qualifier))
        return None if row is None else _alias_of(row)

    def require(self, reference: FunctionReference) -> AliasRecord:
        """As `get`.

        Raises:
            ResourceNotFoundException: In GetAlias's words.
        """
        alias = self.get(reference)
        if alias is None:
            raise alias_not_found(reference.arn)
        return alias

    def of_function(self, reference: FunctionReference) -> list[AliasRecord]:
        """Return a function's aliases, in the order of listings."""
        rows = self._tables.database.all(
            f"SELECT * FROM lambda_aliases {OF_NAME} ORDER BY alias",
            key(reference),
        )
        return [_alias_of(row) for row in rows]

    async def create(self, alias: AliasRecord) -> None:
        """Store a new alias.

        Raises:
            ResourceConflictException: The name is taken.
            ResourceNotFoundException: A version that it points to does not exist.
        """

        def insert(tx: Transaction) -> None:
            _require_versions(tx, alias)
            if tx.execute(_ONE, (*key(alias.reference), alias.reference.qualifier)).fetchone():
                raise ResourceConflictException(f"Alias already exists: {alias.reference.arn}")
            _put(tx, alias)

        await self._tables.change(insert)

    async def update(
        self, reference: FunctionReference, change: Callable[[AliasRecord], AliasRecord]
    ) -> AliasRecord:
        """Replace an alias by what `change` makes of it.

        Raises:
            ResourceNotFoundException: The alias, or a version that it is to point to, does not exist.
        """

        def update(tx: Transaction) -> AliasRecord:
            row = tx.execute(_ONE, (*key(reference), reference.qualifier)).fetchone()
            if row is None:  # recorded: other words than those of GetAlias
                raise ResourceNotFoundException(f"Alias not found: {reference.arn}")
            updated = change(_alias_of(row))
            _require_versions(tx, updated)
            _put(tx, updated)
            return updated

        return await self._tables.change(update)

    async def delete(self, reference: FunctionReference) -> None:
        """Delete an alias with what is configured on it; one that is not there is no fault."""

        def delete(tx: Transaction) -> None:
            full = (*key(reference), reference.qualifier)
            tx.execute(f"DELETE FROM lambda_aliases {OF_NAME} AND alias = ?", full)
            delete_qualified(tx, reference)

        await self._tables.change(delete)


def _alias_of(row: Row) -> AliasRecord:
    scope = Scope(row["account_id"], row["region"])
    return AliasRecord(
        FunctionReference(scope, row["name"], row["alias"]),
        row["version"],
        row["description"],
        row["revision_id"],
        json.loads(row["weights"]),
    )


def _put(tx: Transaction, alias: AliasRecord) -> None:
    tx.execute(
        "INSERT OR REPLACE INTO lambda_aliases VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *key(alias.reference),
            alias.reference.qualifier,
            alias.version,
            json.dumps(dict(alias.weights)),
            alias.description,
            alias.revision_id,
        ),
    )


def _require_versions(tx: Transaction, alias: AliasRecord) -> None:
    for version in (alias.version, *alias.weights):
        read_version(tx, alias.reference.qualified(version), version)
