"""The filters of a group by name, of one kind: so many and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagehen.services.logs.errors import LimitExceededException
from sagehen.store.database import Database, Transaction


class GroupFilters:
    """What the rows of both kinds have in common: they begin with the group's id and the filter's name.

    Args:
        most: How many a group may have.
    """

    def __init__(self, database: Database, table: str, most: int) -> None:
        self._database = database
        self._table = table
        self._most = most

    async def put_row(self, row: Sequence[Any]) -> None:
        """Store a filter, in place of one of the same name.

        Raises:
            LimitExceededException: The group has as many as it may.
        """
        group_id, name = row[:2]

        def put(tx: Transaction) -> None:
            others = tx.execute(
                f"SELECT count(*) FROM {self._table} WHERE group_id = ? AND name <> ?", (group_id, name)
            ).fetchone()
            if others[0] >= self._most:
                raise LimitExceededException("Resource limit exceeded.")  # from memory
            places = ", ".join("?" * len(row))
            tx.execute(f"INSERT OR REPLACE INTO {self._table} VALUES ({places})", tuple(row))

        await self._database.write(put)

    async def delete(self, group_id: int, name: str) -> bool:
        """Delete a filter; return False where there is none of that name."""
        gone = await self._database.execute(
            f"DELETE FROM {self._table} WHERE group_id = ? AND name = ?", (group_id, name)
        )
        return bool(gone)
