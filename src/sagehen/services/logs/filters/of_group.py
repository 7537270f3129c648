"""The filters of a group by name, of one kind: so many and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagehen.services.logs.errors import LimitExceededException
from sagehen.services.logs.patterns.regular_expressions import count_expressions
from sagehen.store.database import Database, Transaction

# Documented (CloudWatch Logs User Guide, "Filter pattern syntax", Quotas): patterns with regular expressions
# that a group may have, of metric and subscription filters together.
_MOST_WITH_REGEX = 5


class GroupFilters:
    """What the rows of both kinds have in common: group's id, filter's name, time in ms, pattern, and more.

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
            LimitExceededException: The group has as many as it may, or as many with regular expressions.
        """
        group_id, name, _, pattern = row[:4]

        def put(tx: Transaction) -> None:
            others = tx.execute(
                f"SELECT count(*) FROM {self._table} WHERE group_id = ? AND name <> ?", (group_id, name)
            ).fetchone()
            if others[0] >= self._most:
                raise LimitExceededException("Resource limit exceeded.")  # from memory
            if count_expressions(pattern) and self._with_regex(tx, group_id, name) >= _MOST_WITH_REGEX:
                raise LimitExceededException("Resource limit exceeded.")  # from memory
            places = ", ".join("?" * len(row))
            tx.execute(f"INSERT OR REPLACE INTO {self._table} VALUES ({places})", tuple(row))

        await self._database.write(put)

    def _with_regex(self, tx: Transaction, group_id: int, name: str) -> int:
        """Return how many other filters of the group, of both kinds, have regular expressions."""
        rows = tx.execute(
            "SELECT pattern FROM (SELECT 'log_metric_filters' AS kind, group_id, name, pattern"
            " FROM log_metric_filters UNION ALL SELECT 'log_subscription_filters', group_id, name, pattern"
            " FROM log_subscription_filters) WHERE group_id = ? AND NOT (kind = ? AND name = ?)",
            (group_id, self._table, name),
        )
        return sum(count_expressions(row["pattern"]) > 0 for row in rows)

    async def delete(self, group_id: int, name: str) -> bool:
        """Delete a filter; return False where there is none of that name."""
        gone = await self._database.execute(
            f"DELETE FROM {self._table} WHERE group_id = ? AND name = ?", (group_id, name)
        )
        return bool(gone)
