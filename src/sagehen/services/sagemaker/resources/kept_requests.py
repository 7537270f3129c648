"""Resources that are nothing but the request that made them: models, endpoint configurations.

What is kept is the request as it came, plus AWS's own facts, so that Describe can answer with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.errors import cannot_create_existing
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, moment, scope_of, to_json
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Row, Transaction


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """One such resource: CreateX's request, unchanged but for AWS's defaults."""

    scope: Scope
    name: str
    created_at: datetime
    request: Mapping[str, Any] = field(repr=False)


R = TypeVar("R", bound=KeptRequest)


class KeptRequests(Generic[R]):
    """Reads and writes of one table of them.

    Args:
        table: Has the columns of `rows.KEY`, created_at and request, in this order.
        kind: As AWS words it in errors: `model`.
        arn_of: The ARN of a resource of that scope and name.
        make: The record's class.
    """

    def __init__(
        self,
        database: Database,
        *,
        table: str,
        kind: str,
        arn_of: Callable[[Scope, str], str],
        make: Callable[[Scope, str, datetime, Mapping[str, Any]], R],
    ) -> None:
        self._database = database
        self._table = table
        self._kind = kind
        self._arn_of = arn_of
        self._make = make

    def get(self, scope: Scope, name: str) -> R | None:
        """Return a record, or None where there is none of that very name."""
        row = self._database.one(f"SELECT * FROM {self._table} WHERE {KEY}", key(scope, name))
        return self._record(row) if row else None

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[R], str | None]:
        """Return one page for a List operation, newest first where it does not say, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        rows, token = page(self._database, self._table, scope, request, "Descending")
        return [self._record(row) for row in rows], token

    async def add(self, record: R, tags: Sequence[Mapping[str, str]]) -> None:
        """Store a new record and its tags.

        Raises:
            ValidationException: The name is taken.
        """
        arn = self._arn_of(record.scope, record.name)
        values = (*key(record.scope, record.name), record.created_at.timestamp(), to_json(record.request))

        def insert(tx: Transaction) -> None:
            added = tx.execute(f"INSERT OR IGNORE INTO {self._table} VALUES (?, ?, ?, ?, ?)", values).rowcount
            if not added:
                raise cannot_create_existing(self._kind, arn)
            insert_tags(tx, arn, tags)

        await self._database.write(insert)

    async def delete(self, scope: Scope, name: str) -> bool:
        """Remove a record and its tags; return whether there was one."""

        def delete(tx: Transaction) -> bool:
            delete_all_tags(tx, self._arn_of(scope, name))
            return tx.execute(f"DELETE FROM {self._table} WHERE {KEY}", key(scope, name)).rowcount > 0

        return await self._database.write(delete)

    def _record(self, row: Row) -> R:
        return self._make(scope_of(row), row["name"], moment(row["created_at"]), json.loads(row["request"]))
