"""The SQL of one table of named resources: read, listed, added under a free name, changed, removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from sagehen.api.errors import ServiceError
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources.listing import page
from sagehen.services.sagemaker.resources.rows import KEY, key, require_room
from sagehen.services.sagemaker.tags.records import delete_all_tags, insert_tags
from sagehen.store.database import Database, Row, Transaction


class Named(Protocol):
    """A resource."""

    @property
    def scope(self) -> Scope: ...
    @property
    def name(self) -> str: ...
    @property
    def arn(self) -> str: ...


R = TypeVar("R", bound=Named)


class NamedRecords(Generic[R]):
    """Reads and writes of one table.

    Args:
        table: Begins with the columns of `rows.KEY`; the rest is what `values` and `read` know.
        values: All columns of a record, in the table's order.
        read: The record of a row.
        taken: What is answered where the name is taken.
        order: Of listings, where the request does not say: `Ascending` or `Descending`.
        sort_by: Likewise.
        most: How many an account may have in a region; None: as many as it likes.
        quota: What that is called.
    """

    def __init__(
        self,
        database: Database,
        table: str,
        *,
        values: Callable[[R], tuple[str | float, ...]],
        read: Callable[[Row], R],
        taken: Callable[[R], ServiceError],
        order: str = "Descending",
        sort_by: str = "CreationTime",
        most: int | None = None,
        quota: str = "",
    ) -> None:
        self._database = database
        self._table = table
        self._values = values
        self._read = read
        self._taken = taken
        self._order = order
        self._sort_by = sort_by
        self._most = most
        self._quota = quota

    def get(self, scope: Scope, name: str) -> R | None:
        """Return a record, or None where there is none of that very name."""
        row = self._database.one(f"SELECT * FROM {self._table} WHERE {KEY}", key(scope, name))
        return self._read(row) if row else None

    def of_lowered(self, scope: Scope, lowered: str) -> R | None:
        """Return a record by its name as ARNs carry it, or None; it looks through the account's."""
        where = KEY.replace("name", "lower(name)")
        row = self._database.one(f"SELECT * FROM {self._table} WHERE {where}", key(scope, lowered))
        return self._read(row) if row else None

    def page(self, scope: Scope, request: Mapping[str, Any]) -> tuple[list[R], str | None]:
        """Return one page for a List operation, and the next token.

        Raises:
            ValidationException: The token is not one of ours.
        """
        rows, token = page(self._database, self._table, scope, request, self._order, sort_by=self._sort_by)
        return [self._read(row) for row in rows], token

    async def add(
        self,
        record: R,
        tags: Sequence[Mapping[str, str]],
        require: Callable[[Transaction], None] | None = None,
    ) -> None:
        """Store a new record and its tags.

        Args:
            require: What must hold within the very transaction; it raises where it does not.

        Raises:
            ServiceError: The name is taken.
            ResourceLimitExceeded: There are too many.
        """
        values = self._values(record)
        holes = ", ".join("?" * len(values))

        def insert(tx: Transaction) -> None:
            if self._most is not None:
                require_room(tx, self._table, record.scope, self._most, self._quota)
            if require is not None:
                require(tx)
            added = tx.execute(f"INSERT OR IGNORE INTO {self._table} VALUES ({holes})", values).rowcount
            if not added:
                raise self._taken(record)
            insert_tags(tx, record.arn, tags)
            self._added(tx, record)

        await self._database.write(insert)

    async def change(self, scope: Scope, name: str, change: Callable[[R], R]) -> R | None:
        """Replace a record by what `change` makes of it, in one transaction; None where there is none."""

        def update(tx: Transaction) -> R | None:
            row = tx.execute(f"SELECT * FROM {self._table} WHERE {KEY}", key(scope, name)).fetchone()
            if row is None:
                return None
            changed = change(self._read(row))
            values = self._values(changed)
            tx.execute(f"REPLACE INTO {self._table} VALUES ({', '.join('?' * len(values))})", values)
            self._changed(tx, changed)
            return changed

        return await self._database.write(update)

    def _added(self, tx: Transaction, record: R) -> None:
        """Do what belongs to an addition, within its transaction."""

    def _changed(self, tx: Transaction, record: R) -> None:
        """Do what belongs to a change, within its transaction."""

    async def remove(self, record: R) -> bool:
        """Forget a record and its tags; return whether it was there."""

        def delete(tx: Transaction) -> bool:
            values = key(record.scope, record.name)
            was_there = tx.execute(f"DELETE FROM {self._table} WHERE {KEY}", values).rowcount > 0
            if was_there:
                delete_all_tags(tx, record.arn)
            return was_there

        return await self._database.write(delete)
